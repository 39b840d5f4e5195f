"""Rank tests of independent samples and of several conditions, as scipy does them, with what they leave open."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def rank_sum(first: Floats, second: Floats) -> tuple[float, float]:
    """Compare two independent samples: the two-sided p of Mann-Whitney's U, and Cliff's delta.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        Values of two groups or conditions.

    Returns
    -------
    p : float
        As `scipy.stats.mannwhitneyu` gives it: exact for small samples without ties, else normal with
        corrections for ties and continuity. NaN where one sample is empty.
    delta : float
        2 U / (n1 n2) - 1, -1 to 1: how much more often `first` is above `second` than below.
    """
    from scipy import stats

    if first.size == 0 or second.size == 0:
        return math.nan, math.nan
    found = stats.mannwhitneyu(first, second, alternative="two-sided")
    return float(found.pvalue), float(2.0 * found.statistic / (first.size * second.size) - 1.0)


def smallest_rank_sum_p(first: int, second: int) -> float:
    """Return the smallest two-sided p that the exact Mann-Whitney test can give: 2 / C(n1 + n2, n1).

    Parameters
    ----------
    first, second : int
        The sizes of the two samples.
    """
    return min(1.0, 2.0 / math.comb(first + second, first))


def omnibus_within(values: Floats) -> tuple[float, float]:
    """Return Friedman's chi-square over conditions and its p; NaN with under 3 conditions or 2 listeners.

    Parameters
    ----------
    values : ndarray, shape (listeners, conditions)
        Complete: no NaN.
    """
    from scipy import stats

    listeners, conditions = values.shape
    values = np.round(values, 9)  # means of the same ratings in another order count as equal
    if conditions < 3 or listeners < 2 or (values == values[:, :1]).all():
        return math.nan, math.nan
    found = stats.friedmanchisquare(*values.T)
    return float(found.statistic), float(found.pvalue)


def omnibus_independent(samples: Sequence[Floats]) -> tuple[float, float]:
    """Return Kruskal and Wallis' H over conditions and its p; NaN where it cannot be had.

    Parameters
    ----------
    samples : sequence of ndarray
        The values of each condition.
    """
    from scipy import stats

    if len(samples) < 3 or any(s.size == 0 for s in samples) or len(np.unique(np.concatenate(samples))) < 2:
        return math.nan, math.nan
    found = stats.kruskal(*samples)
    return float(found.statistic), float(found.pvalue)
