"""Describing ratings: how many, median, quartiles, mean, and a confidence interval of the mean by bootstrap."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.ratings.pairing import cube_of
from mixrules.ratings.table import RatingTable
from mixrules.statistics import bootstrap_mean

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What was given to one condition for one attribute by one group.

    `median`, `lower_quartile` and `upper_quartile` are of all ratings, in points of the scale. `mean`
    (points), `mean_normalised` (0 worst to 1 best) and its interval are of listeners' means where
    listeners are known, else of all ratings.
    """

    group: str
    attribute: str
    condition: str
    listeners: int | None
    ratings: int
    median: float
    lower_quartile: float
    upper_quartile: float
    mean: float
    mean_normalised: float
    ci_low: float
    ci_high: float
    counts: tuple[int, ...]


def describe(
    table: RatingTable, group: str, *, confidence: float, resamples: int, seed: int
) -> list[Description]:
    """Describe one group's ratings, by attribute and condition.

    Parameters
    ----------
    table : RatingTable
        All ratings.
    group : str
        Whose.
    confidence : float
        Of the interval, 0 to 1.
    resamples : int
        Of the bootstrap; 0 for no intervals.
    seed : int
        Of the bootstrap.

    Returns
    -------
    list of Description
    """
    own = table.of_group(group)
    conditions = table.names("condition")
    found = []
    for attribute in table.names("attribute"):
        rows = [row for row in own.rows() if row.attribute == attribute]
        means = cube_of(own, attribute, conditions).means() if own.design == "within" else None
        for column, condition in enumerate(conditions):
            values = np.array([row.value for row in rows if row.condition == condition])
            if values.size == 0:
                continue
            units = (
                (values - table.scale.low) / table.scale.span if means is None else _defined(means[:, column])
            )
            interval = bootstrap_mean(
                units,
                confidence=confidence,
                resamples=resamples,
                seed=seed_of(seed, group, attribute, condition),
            )
            quartiles = np.quantile(values, (0.25, 0.5, 0.75))
            found.append(
                Description(
                    group=group,
                    attribute=attribute,
                    condition=condition,
                    listeners=None if means is None else units.size,
                    ratings=values.size,
                    median=float(quartiles[1]),
                    lower_quartile=float(quartiles[0]),
                    upper_quartile=float(quartiles[2]),
                    mean=table.scale.low + interval.mean * table.scale.span,
                    mean_normalised=interval.mean,
                    ci_low=interval.low,
                    ci_high=interval.high,
                    counts=band_counts(values, table),
                )
            )
    return found


def seed_of(seed: int, *names: str) -> int:
    """Return a seed of its own for each thing that is resampled, so that none depends on the others.

    Parameters
    ----------
    seed : int
        Of the whole.
    *names : str
        What is resampled.
    """
    return seed * 2**32 + zlib.crc32("\0".join(names).encode(errors="surrogatepass"))


def band_counts(values: Floats, table: RatingTable) -> tuple[int, ...]:
    """Return how many values fall to each word of the scale: its step, or its equal share of a continuous one.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In points of the scale.
    table : RatingTable
        Whose scale.
    """
    words = len(table.scale.labels)
    share = (values - table.scale.low) / table.scale.span
    step = (
        np.rint(share * (words - 1)) if table.scale.steps else np.minimum(np.floor(share * words), words - 1)
    )
    return tuple(int(n) for n in np.bincount(step.astype(np.int64), minlength=words))


def _defined(values: Floats) -> Floats:
    return values[~np.isnan(values)]
