"""Spearman's rank correlation: its p, its interval, and how small a correlation so many pairs can show."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError

Floats = npt.NDArray[np.float64]

FEWEST_FOR_CORRELATION = 4
"""Three pairs can be ordered in six ways: no order of them would be surprising."""
EXACT_PAIRS = 8
"""Up to so many pairs p counts every order of them; 8 have 40,320."""
BOOTSTRAP_PAIRS = 1000
"""Up to so many pairs the interval is a bootstrap's; above, the analytic one lies within 0.01 of it."""
_FIELLER = 1.06
_AT_ONCE = 2_000_000
_SAME = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCorrelation:
    """A rank correlation with its interval and p; NaN where it is not defined.

    Attributes
    ----------
    rho : float
        Spearman's, -1 to 1.
    low, high : float
        Its interval; NaN where the pairs are in perfect order, since no resample would differ.
    p : float
        Two-sided, of no association.
    count : int
        How many pairs are complete.
    """

    rho: float
    low: float
    high: float
    p: float
    count: int


def rank_correlation(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> RankCorrelation:
    """Return Spearman's rank correlation of pairs, its interval over the pairs, and its p.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        One pair of values a unit: a song. Pairs in which either is NaN or infinite count as missing.
    confidence : float
        Of the interval, 0 to 1; not adjusted for multiplicity.
    resamples : int
        Of the bootstrap; 0 for no interval.
    seed : int
        What the resamples are drawn from.

    Returns
    -------
    RankCorrelation
        All NaN with fewer than four pairs, or where one side has one value only.

    Raises
    ------
    ParameterError
        If the two differ in length.

    Notes
    -----
    Ties get the mean of their ranks. p is exact up to 8 pairs (the share of all orders that correlate at least as much,
    either way) and Student's t with n - 2 degrees of freedom above, as `scipy.stats.spearmanr` gives it. The interval is
    bias-corrected and accelerated (BCa) up to 1000 pairs, each resample ranked anew; one without an order counts as 0.
    Above that it is tanh(atanh(rho) ± z √((1 + rho²/2) / (n - 3))) [1]_.

    References
    ----------
    .. [1] D. G. Bonett, T. A. Wright, "Sample size requirements for estimating Pearson, Kendall and Spearman
       correlations", Psychometrika 65, 2000.

    Examples
    --------
    >>> found = rank_correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    >>> round(found.rho, 2), round(found.p, 3)
    (0.8, 0.133)
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ParameterError(f"paired values need one length, got shapes {a.shape} and {b.shape}")
    complete = np.isfinite(a) & np.isfinite(b)
    a, b = a[complete], b[complete]
    count = a.size
    if count < FEWEST_FOR_CORRELATION or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return RankCorrelation(rho=math.nan, low=math.nan, high=math.nan, p=math.nan, count=count)
    from scipy.stats import spearmanr

    found = spearmanr(a, b)
    rho = float(found.statistic)
    p = _exact_p(a, b) if count <= EXACT_PAIRS else float(found.pvalue)
    low = high = math.nan
    if resamples and abs(rho) < 1.0 - _SAME:
        low, high = (
            _bootstrap_interval(a, b, confidence, resamples, seed)
            if count <= BOOTSTRAP_PAIRS
            else _analytic_interval(rho, count, confidence)
        )
    return RankCorrelation(rho=rho, low=low, high=high, p=p, count=count)


def detectable_correlation(count: int, *, tests: int = 1, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the smallest rank correlation that a study of so many pairs would find with a given power.

    Parameters
    ----------
    count : int
        How many pairs: songs.
    tests : int
        In how many tests it is looked for; the first step of Holm's procedure is made at ``alpha / tests``.
    alpha, power : float
        The level of the family; how often a true correlation of that size is found.

    Returns
    -------
    float
        0 to 1; NaN with fewer than four pairs.

    Notes
    -----
    Fisher's transformation of Spearman's rho has a standard error of about √(1.06 / (n - 3)) [1]_.

    References
    ----------
    .. [1] E. C. Fieller, H. O. Hartley, E. S. Pearson, "Tests for rank correlation coefficients. I", Biometrika 44, 1957.

    Examples
    --------
    >>> round(detectable_correlation(150, tests=9), 2)
    0.3
    """
    if count < FEWEST_FOR_CORRELATION:
        return math.nan
    from scipy.special import ndtri

    errors = float(ndtri(1.0 - alpha / (2.0 * tests)) + ndtri(power))
    return math.tanh(errors * math.sqrt(_FIELLER / (count - 3)))


def _exact_p(a: Floats, b: Floats) -> float:
    """Return the share of all orders of `b` whose ranks correlate with those of `a` at least as much."""
    from scipy.stats import rankdata

    ranks, others = (rankdata(values) - (values.size + 1) / 2 for values in (a, b))
    orders = np.array(list(itertools.permutations(range(a.size))), np.int8)
    products = np.abs(others[orders] @ ranks)
    return float((products >= abs(float(others @ ranks)) - 1e-9).mean())


def _bootstrap_interval(
    a: Floats, b: Floats, confidence: float, resamples: int, seed: int
) -> tuple[float, float]:
    from scipy import stats

    def statistic(x: Floats, y: Floats, axis: int) -> Floats:
        first, second = (stats.rankdata(values, axis=axis) for values in (x, y))
        first = first - first.mean(axis=axis, keepdims=True)
        second = second - second.mean(axis=axis, keepdims=True)
        spread = np.sqrt((first**2).sum(axis=axis) * (second**2).sum(axis=axis))
        shared = (first * second).sum(axis=axis)
        # Rounded, so that resamples of the same pairs in another order are ties, which BCa counts.
        rho = np.divide(shared, spread, out=np.zeros_like(spread), where=spread > 0.0)
        return np.asarray(np.round(rho, 12))

    found = stats.bootstrap(
        (a, b),
        statistic,
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        confidence_level=confidence,
        method="BCa",
        batch=max(1, _AT_ONCE // a.size),
        random_state=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def _analytic_interval(rho: float, count: int, confidence: float) -> tuple[float, float]:
    from scipy.special import ndtri

    half = float(ndtri((1.0 + confidence) / 2.0)) * math.sqrt((1.0 + rho * rho / 2.0) / (count - 3))
    return math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
