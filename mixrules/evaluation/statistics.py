"""What a difference is worth: intervals by bootstrap, paired tests over songs, Holm's correction, effect sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError

RESAMPLES = 10_000
CONFIDENCE = 0.95
_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean with its bootstrap interval; NaN where there are too few values."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """Two systems compared over the same songs.

    Attributes
    ----------
    wins, losses, ties : int
        In how many songs the first has the lower value, the higher one, the same.
    mean_difference : float
        First minus second.
    rank_biserial : float
        Matched-pairs rank-biserial correlation: -1 where the first is lower in every song, 1 where higher.
    p : float
        Two-sided Wilcoxon signed-rank test, exact where there are no ties; NaN where nothing differs.
    """

    wins: int
    losses: int
    ties: int
    mean_difference: float
    rank_biserial: float
    p: float


def bootstrap_mean(values: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Return the mean of values, one a song, and its 95 % percentile interval over resampled songs.

    Parameters
    ----------
    values : array_like, shape (songs,)
        NaN counts as missing.
    seed : int
        What the resampling is drawn from.

    Returns
    -------
    Interval
        Without bounds (NaN) for fewer than two values.

    References
    ----------
    .. [1] B. Efron, R. J. Tibshirani, "An introduction to the bootstrap", 1993, ch. 13.
    """
    given = np.asarray(values, np.float64)
    given = given[np.isfinite(given)]
    if given.size == 0:
        return Interval(mean=math.nan, low=math.nan, high=math.nan, count=0)
    if given.size < _FEWEST:
        return Interval(mean=float(given[0]), low=math.nan, high=math.nan, count=1)
    rng = np.random.default_rng(seed)
    means = given[rng.integers(given.size, size=(RESAMPLES, given.size))].mean(axis=1)
    low, high = np.percentile(means, [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return Interval(mean=float(given.mean()), low=float(low), high=float(high), count=int(given.size))


def paired_test(first: npt.ArrayLike, second: npt.ArrayLike) -> PairedTest:
    """Compare two systems over the same songs.

    Parameters
    ----------
    first, second : array_like, shape (songs,)
        Values, song by song; pairs in which either is NaN do not count.

    Returns
    -------
    PairedTest

    Raises
    ------
    ParameterError
        If the two differ in length.

    References
    ----------
    .. [1] F. Wilcoxon, "Individual comparisons by ranking methods", 1945.
    .. [2] D. S. Kerby, "The simple difference formula", Comprehensive Psychology 3, 2014 (rank-biserial).
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ParameterError(f"paired values need one length, got shapes {a.shape} and {b.shape}")
    difference = (a - b)[np.isfinite(a) & np.isfinite(b)]
    moved = difference[difference != 0.0]
    biserial = p = math.nan
    if moved.size:
        from scipy.stats import rankdata, wilcoxon

        ranks = rankdata(np.abs(moved))
        biserial = float((ranks[moved > 0].sum() - ranks[moved < 0].sum()) / ranks.sum())
        exact = np.unique(np.abs(moved)).size == moved.size
        p = float(wilcoxon(moved, method="exact" if exact else "asymptotic").pvalue)
    return PairedTest(
        wins=int((difference < 0).sum()),
        losses=int((difference > 0).sum()),
        ties=int((difference == 0).sum()),
        mean_difference=float(difference.mean()) if difference.size else math.nan,
        rank_biserial=biserial,
        p=p,
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number after Holm; NaN stays NaN and does not count.

    Parameters
    ----------
    p_values : sequence of float
        Of one family of tests.

    Returns
    -------
    list of float
        In the same order.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statistics 6, 1979.
    """
    defined = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    corrected = [math.nan] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(defined):
        highest = max(highest, min(1.0, p * (len(defined) - rank)))
        corrected[place] = highest
    return corrected
