"""Comparing conditions, and groups of listeners: which differences are there, and which are shown to be small."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt

from mixrules.ratings.describe import seed_of
from mixrules.ratings.group_names import ALL
from mixrules.ratings.pairing import Cube, cube_of
from mixrules.ratings.settings import Settings
from mixrules.ratings.table import RatingTable
from mixrules.ratings.verdicts import Comparison, Omnibus, judged
from mixrules.statistics import (
    Interval,
    bootstrap_mean,
    equivalence_p,
    omnibus_independent,
    omnibus_within,
    rank_biserial,
    rank_sum,
    signed_rank_p,
    smallest_rank_sum_p,
    smallest_signed_rank_p,
)

Floats = npt.NDArray[np.float64]


def compare_conditions(
    table: RatingTable, group: str, settings: Settings
) -> tuple[list[Omnibus], list[Comparison]]:
    """Compare every pair of conditions within one group; a family of tests is one attribute's pairs.

    Parameters
    ----------
    table : RatingTable
        All ratings.
    group : str
        Whose to take.
    settings : Settings
        Level, margin, confidence, seed.

    Returns
    -------
    omnibus : list of Omnibus
    comparisons : list of Comparison
    """
    own = table.of_group(group)
    order = table.names("condition")
    omnibus, comparisons = [], []
    for attribute in own.names("attribute"):
        present = {row.condition for row in own.rows() if row.attribute == attribute}
        conditions = tuple(c for c in order if c in present)
        if own.design == "within":
            cube = cube_of(own, attribute, conditions)
            omnibus.append(_friedman(group, attribute, cube))
            raw = [
                _paired(group, attribute, cube, i, j, settings)
                for i, j in itertools.combinations(range(len(conditions)), 2)
            ]
        else:
            samples = _samples(own, attribute, conditions)
            omnibus.append(_kruskal(group, attribute, samples))
            raw = [
                _unpaired(group, attribute, (a, samples[a]), (b, samples[b]), settings)
                for a, b in itertools.combinations(conditions, 2)
            ]
        comparisons += judged(raw, settings)
    return omnibus, comparisons


def compare_groups(table: RatingTable, settings: Settings) -> list[Comparison]:
    """Compare the groups of listeners, condition by condition; a family is one attribute's tests.

    Listeners are the units where they are known; in tables of counts each rating is one.

    Parameters
    ----------
    table : RatingTable
        All ratings.
    settings : Settings
        Level, margin, confidence, seed.

    Returns
    -------
    list of Comparison
        ``group`` names the condition that both groups rated, as ``condition: NAME``.
    """
    groups = [g for g in table.groups() if g != ALL]
    conditions = table.names("condition")
    found = []
    for attribute in table.names("attribute"):
        samples = {g: _samples(table.of_group(g), attribute, conditions) for g in groups}
        raw = [
            _unpaired(
                f"condition: {condition}",
                attribute,
                (a, samples[a][condition]),
                (b, samples[b][condition]),
                settings,
            )
            for condition in conditions
            for a, b in itertools.combinations(groups, 2)
            if samples[a][condition].size and samples[b][condition].size
        ]
        found += judged(raw, settings)
    return found


def _samples(own: RatingTable, attribute: str, conditions: tuple[str, ...]) -> dict[str, Floats]:
    """Return one value a listener, or a rating where listeners are not known, 0 to 1, by condition."""
    if own.design == "within":
        means = cube_of(own, attribute, conditions).means()
        return {c: np.round(m[~np.isnan(m)], 9) for c, m in zip(conditions, means.T, strict=True)}
    values: dict[str, list[float]] = {c: [] for c in conditions}
    for row in own.rows():
        if row.attribute == attribute:
            values[row.condition].append(own.scale.normalised(row.value))
    return {c: np.array(v) for c, v in values.items()}


def _friedman(group: str, attribute: str, cube: Cube) -> Omnibus:
    values = cube.complete()
    statistic, p = omnibus_within(values)
    n, k = values.shape
    effect = statistic / (n * (k - 1)) if not math.isnan(statistic) else math.nan
    return Omnibus(
        group=group,
        attribute=attribute,
        test="Friedman",
        n=n,
        conditions=k,
        statistic=statistic,
        p=p,
        effect=effect,
    )


def _kruskal(group: str, attribute: str, samples: dict[str, Floats]) -> Omnibus:
    statistic, p = omnibus_independent(list(samples.values()))
    n = sum(s.size for s in samples.values())
    effect = statistic / (n - 1) if not math.isnan(statistic) else math.nan
    return Omnibus(
        group=group,
        attribute=attribute,
        test="Kruskal-Wallis",
        n=n,
        conditions=len(samples),
        statistic=statistic,
        p=p,
        effect=effect,
    )


def _paired(
    group: str, attribute: str, cube: Cube, first: int, second: int, settings: Settings
) -> Comparison:
    names = cube.conditions[first], cube.conditions[second]
    differences = cube.differences(first, second)
    interval = _interval(settings, differences, None, group, attribute, *names)
    return Comparison(
        group=group,
        attribute=attribute,
        first=names[0],
        second=names[1],
        test="Wilcoxon signed-rank",
        n_first=differences.size,
        n_second=differences.size,
        n_nonzero=int(np.count_nonzero(differences)),
        for_first=int((differences > 0).sum()),
        for_second=int((differences < 0).sum()),
        family=0,
        difference=interval.mean,
        ci_low=interval.low,
        ci_high=interval.high,
        p=signed_rank_p(differences),
        p_holm=math.nan,
        effect_name="matched-pairs rank-biserial r",
        effect=rank_biserial(differences),
        p_equivalence=equivalence_p(differences, None, settings.margin),
        p_equivalence_holm=math.nan,
        smallest_p=smallest_signed_rank_p(differences.size),
        verdict="not tested",
    )


def _unpaired(
    group: str,
    attribute: str,
    first: tuple[str, Floats],
    second: tuple[str, Floats],
    settings: Settings,
) -> Comparison:
    (name_a, a), (name_b, b) = first, second
    p, delta = rank_sum(a, b)
    interval = _interval(settings, a, b, group, attribute, name_a, name_b)
    return Comparison(
        group=group,
        attribute=attribute,
        first=name_a,
        second=name_b,
        test="Mann-Whitney U",
        n_first=a.size,
        n_second=b.size,
        n_nonzero=a.size + b.size,
        family=0,
        difference=interval.mean,
        ci_low=interval.low,
        ci_high=interval.high,
        p=p,
        p_holm=math.nan,
        effect_name="Cliff's delta",
        effect=delta,
        p_equivalence=equivalence_p(a, b, settings.margin),
        p_equivalence_holm=math.nan,
        smallest_p=smallest_rank_sum_p(a.size, b.size),
        verdict="not tested",
    )


def _interval(settings: Settings, values: Floats, minus: Floats | None, *names: str) -> Interval:
    """Return the mean with its interval, resampled from a seed of its own for what `names` say."""
    return bootstrap_mean(
        values,
        minus,
        confidence=settings.confidence,
        resamples=settings.resamples,
        seed=seed_of(settings.seed, *names),
    )
