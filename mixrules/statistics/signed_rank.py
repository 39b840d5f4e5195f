"""Wilcoxon's signed-rank test of paired differences, exact with ties, and its effect size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError

Floats = npt.NDArray[np.float64]

EXACT_UP_TO = 50
"""Up to so many differences that are not zero the test is exact, with and without ties."""
_SAMPLES_AT_ONCE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """Two systems compared over the same songs.

    Attributes
    ----------
    wins, losses, ties : int
        In how many songs the first has the lower value, the higher one, the same.
    mean_difference : float
        First minus second; NaN without a pair.
    rank_biserial : float
        `rank_biserial` of the differences: -1 where the first is lower in every song, 1 where higher.
    p : float
        `signed_rank_p` of the differences; NaN where nothing differs.
    """

    wins: int
    losses: int
    ties: int
    mean_difference: float
    rank_biserial: float
    p: float


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
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ParameterError(f"paired values need one length, got shapes {a.shape} and {b.shape}")
    differences = (a - b)[np.isfinite(a) & np.isfinite(b)]
    return PairedTest(
        wins=int((differences < 0).sum()),
        losses=int((differences > 0).sum()),
        ties=int((differences == 0).sum()),
        mean_difference=float(differences.mean()) if differences.size else math.nan,
        rank_biserial=rank_biserial(differences),
        p=signed_rank_p(differences),
    )


def signed_rank_p(differences: npt.ArrayLike) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test; NaN where nothing differs.

    Parameters
    ----------
    differences : array_like, shape (n,)
        One paired difference a song or listener; as `signed_rank_p_values` takes them.
    """
    return float(signed_rank_p_values(np.asarray(differences, np.float64)[np.newaxis])[0])


def signed_rank_p_values(differences: npt.ArrayLike, *, exact_up_to: int = EXACT_UP_TO) -> Floats:
    """Return the two-sided p of Wilcoxon's signed-rank test of many samples at once.

    Zeros are dropped before ranking (Wilcoxon's way; Pratt ranks them first and drops them then, which
    gives other p-values where there are some). Ties get the mean of their ranks. With up to `exact_up_to`
    differences that are left, p is exact given the ties: the share of all 2^n sign changes whose rank sum
    lies at least as far from its mean. Above that it is normal, the variance corrected for ties and
    without a correction for continuity.

    Parameters
    ----------
    differences : array_like, shape (samples, n)
        One paired difference a song or listener. Only equal magnitudes are tied: where rounding may part
        them, as in means of ratings, round first.
    exact_up_to : int
        Most differences for which p is exact.

    Returns
    -------
    ndarray, shape (samples,)
        NaN where nothing differs.

    Notes
    -----
    Twice the ranks are integers, ties or not, and the distribution of the sum over random signs is the
    convolution of n two-point distributions on a grid of integers: n steps of at most n(n + 1) additions
    instead of 2^n sums.

    References
    ----------
    .. [1] F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945.
    .. [2] J. W. Pratt, "Remarks on zeros and ties in the Wilcoxon signed rank procedures",
       J. Am. Stat. Assoc. 54, 1959.
    """
    from scipy.special import ndtr

    given = np.asarray(differences, np.float64)
    ranks, signs = _ranks(given), np.sign(given)
    counts = np.count_nonzero(given, axis=1)
    p = np.full(len(given), math.nan)
    many = counts > exact_up_to
    distance = np.abs((ranks[many] * signs[many]).sum(axis=1))
    p[many] = 2.0 * ndtr(-distance / np.sqrt((ranks[many] ** 2).sum(axis=1)))
    exact = (counts > 0) & ~many
    p[exact] = _exact_p_values(np.rint(2.0 * ranks[exact]).astype(np.int64), signs[exact])
    return p


def rank_biserial(differences: npt.ArrayLike) -> float:
    """Return the matched-pairs rank-biserial correlation: (W+ - W-) / (W+ + W-), -1 to 1.

    Parameters
    ----------
    differences : array_like, shape (n,)
        One paired difference a song or listener; zeros are dropped and ties ranked as in `signed_rank_p_values`.

    Returns
    -------
    float
        0 where all pairs are the same (neither side is favoured), NaN without a pair.

    References
    ----------
    .. [1] D. S. Kerby, "The simple difference formula", Comprehensive Psychology 3, 2014.
    """
    given = np.asarray(differences, np.float64)
    if given.size == 0:
        return math.nan
    ranks = _ranks(given[np.newaxis])[0]
    return float((ranks * np.sign(given)).sum() / ranks.sum()) if ranks.any() else 0.0


def smallest_signed_rank_p(differences: int) -> float:
    """Return the smallest two-sided p that the exact signed-rank test can give: 2 / 2^n.

    Parameters
    ----------
    differences : int
        How many differences are not zero.
    """
    return min(1.0, 2.0 ** (1 - differences))


def _ranks(differences: Floats) -> Floats:
    """Return each row's ranks of magnitude, the mean rank for ties, 0 for zeros."""
    from scipy.stats import rankdata

    magnitudes = np.where(differences == 0, math.nan, np.abs(differences))
    ranks: Floats = np.nan_to_num(rankdata(magnitudes, axis=1, nan_policy="omit"))
    return ranks


def _exact_p_values(doubled: npt.NDArray[np.int64], signs: Floats) -> Floats:
    """Return exact two-sided p-values; `doubled` are twice the ranks, shape (samples, n), 0 where a zero was dropped.

    The distribution of W+ is symmetric, so p is twice the probability of a sum up to the smaller of W+ and W-;
    sums above that one are not counted.
    """
    smaller = np.minimum((doubled * (signs > 0)).sum(axis=1), (doubled * (signs < 0)).sum(axis=1))
    p = np.empty(len(doubled))
    order = np.argsort(smaller)  # samples of about as many sums are counted together
    for start in range(0, len(order), _SAMPLES_AT_ONCE):
        rows = order[start : start + _SAMPLES_AT_ONCE]
        # Column `zero` is the sum 0; those before it are empty, so that a shift by a rank stays inside.
        zero, sums = int(doubled[rows].max()), int(smaller[rows[-1]]) + 1
        probability = np.zeros((len(rows), zero + sums))
        probability[:, zero] = 1.0
        columns = np.arange(zero, zero + sums)
        for ranks in doubled[rows].T:
            shifted = np.take_along_axis(probability, columns - ranks[:, np.newaxis], axis=1)
            probability[:, zero:] = 0.5 * (probability[:, zero:] + shifted)
        up_to = np.cumsum(probability[:, zero:], axis=1)
        p[rows] = up_to[np.arange(len(rows)), smaller[rows]]
    return np.minimum(1.0, 2.0 * p)
