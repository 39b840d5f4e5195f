"""The tests and effect sizes of the comparison, each on plain arrays.

scipy does the tests; what stands here is which variant, what is dropped first, and what scipy lacks:
Holm's step-down correction, effect sizes, and the smallest p a sample can reach at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EXHAUSTIVE = 13
"""Up to this many differences all 2^n signs are tried where ties forbid the tabulated distribution."""


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p-values of one family of tests by Holm's step-down procedure.

    Parameters
    ----------
    p_values : sequence of float
        Unadjusted; NaN (a test that could not be made) stays NaN and does not count.

    Returns
    -------
    list of float
        In the same order, at most 1; reject where below the level of the family.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 1979.
    """
    order = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [math.nan] * len(p_values)
    highest = 0.0
    for rank, (p, i) in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p))
        adjusted[i] = highest
    return adjusted


def signed_rank_p(differences: Floats) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test; NaN where nothing differs.

    Zeros are dropped (Wilcoxon's way). Exact without ties up to 50 differences; with ties exact by all
    sign changes up to 13, above that normal with the variance corrected for ties.

    Parameters
    ----------
    differences : ndarray, shape (listeners,)
        One paired difference a listener.

    Returns
    -------
    float
    """
    from scipy import stats

    nonzero = differences[differences != 0]
    if nonzero.size == 0:
        return math.nan
    tied = len(np.unique(np.abs(nonzero))) < nonzero.size
    method = stats.PermutationMethod() if tied and nonzero.size <= _EXHAUSTIVE else "auto"
    return float(stats.wilcoxon(nonzero, method=method).pvalue)


def rank_biserial(differences: Floats) -> float:
    """Return the matched-pairs rank-biserial correlation: (W+ - W-) / (W+ + W-), -1 to 1.

    Parameters
    ----------
    differences : ndarray, shape (listeners,)
        One paired difference a listener; zeros are dropped.

    Returns
    -------
    float
        0 where nothing differs.

    References
    ----------
    .. [1] D. S. Kerby, "The simple difference formula", Comprehensive Psychology 3, 2014.
    """
    from scipy.stats import rankdata

    nonzero = differences[differences != 0]
    if nonzero.size == 0:
        return 0.0
    ranks = rankdata(np.abs(nonzero))
    return float((ranks * np.sign(nonzero)).sum() / ranks.sum())


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


def omnibus_within(values: Floats) -> tuple[float, float]:
    """Return Friedman's chi-square over conditions and its p; NaN with under 3 conditions or 2 listeners.

    Parameters
    ----------
    values : ndarray, shape (listeners, conditions)
        Complete: no NaN.
    """
    from scipy import stats

    listeners, conditions = values.shape
    if conditions < 3 or listeners < 2 or (values == values[:, :1]).all():
        return math.nan, math.nan
    found = stats.friedmanchisquare(*np.round(values, 9).T)
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


def equivalence_p(first: Floats, second: Floats | None, margin: float) -> float:
    """Return the p of two one-sided t-tests (TOST): that a mean difference lies within ±margin.

    Parameters
    ----------
    first : ndarray, shape (n,)
        Paired differences, or the first sample.
    second : ndarray or None
        The second sample (Welch's t-test); None for paired differences.
    margin : float
        In the units of the values, over 0.

    Returns
    -------
    float
        The larger of the two one-sided p-values; NaN with under 2 values.

    References
    ----------
    .. [1] D. J. Schuirmann, "A comparison of the two one-sided tests procedure ...", J. Pharmacokinet.
       Biopharm. 15, 1987.
    """
    from scipy.stats import t

    samples = [first] if second is None else [first, second]
    if any(s.size < 2 for s in samples):
        return math.nan
    parts = [float(s.var(ddof=1)) / s.size for s in samples]
    mean = float(first.mean()) - (float(second.mean()) if second is not None else 0.0)
    error = math.sqrt(sum(parts))
    if error == 0.0:
        return 0.0 if abs(mean) < margin else 1.0
    freedom = sum(parts) ** 2 / sum(p * p / (s.size - 1) for p, s in zip(parts, samples, strict=True))
    return float(max(t.sf((mean + margin) / error, freedom), t.cdf((mean - margin) / error, freedom)))


def smallest_signed_rank_p(differences: int) -> float:
    """Return the smallest two-sided p that the exact signed-rank test can give: 2 / 2^n.

    Parameters
    ----------
    differences : int
        How many differences are not zero.
    """
    return min(1.0, 2.0 ** (1 - differences))


def smallest_rank_sum_p(first: int, second: int) -> float:
    """Return the smallest two-sided p that the exact Mann-Whitney test can give: 2 / C(n1 + n2, n1).

    Parameters
    ----------
    first, second : int
        The sizes of the two samples.
    """
    return min(1.0, 2.0 / math.comb(first + second, first))


def listeners_needed(conditions: int, alpha: float = 0.05) -> int:
    """Return the fewest listeners with whom a signed-rank test can pass Holm's first step.

    Parameters
    ----------
    conditions : int
        2 or more; every pair of them is tested.
    alpha : float
        Level of the family.
    """
    pairs = max(1, conditions * (conditions - 1) // 2)
    n = 1
    while smallest_signed_rank_p(n) > alpha / pairs:
        n += 1
    return n
