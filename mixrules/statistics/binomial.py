"""Counts of one of two answers: exact tests, exact intervals, and exact power."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A share with its exact interval; NaN without a trial."""

    share: float
    low: float
    high: float
    count: int


def binomial_p(
    successes: int, trials: int, *, alternative: Literal["two-sided", "greater"] = "two-sided"
) -> float:
    """Return the exact p that successes come by chance, one in two.

    Parameters
    ----------
    successes, trials : int
        How many of how many.
    alternative : {"two-sided", "greater"}
        A sign test is two-sided; whether more than half of the answers of an ABX test are right is "greater".

    Returns
    -------
    float
        As `scipy.stats.binomtest` gives it; NaN without a trial.

    Examples
    --------
    >>> round(binomial_p(12, 16, alternative="greater"), 4)
    0.0384
    """
    from scipy.stats import binomtest

    return float(binomtest(successes, trials, alternative=alternative).pvalue) if trials else math.nan


def smallest_binomial_p(trials: int, *, alternative: Literal["two-sided", "greater"] = "two-sided") -> float:
    """Return the smallest p that `binomial_p` can give: all answers alike.

    Parameters
    ----------
    trials : int
        How many.
    alternative : {"two-sided", "greater"}
        As for `binomial_p`.
    """
    return min(1.0, (2.0 if alternative == "two-sided" else 1.0) * 0.5**trials)


def exact_proportion(successes: int, trials: int, *, confidence: float = 0.95) -> Proportion:
    """Return a share with the interval of Clopper and Pearson, which never covers less than it says.

    Parameters
    ----------
    successes, trials : int
        How many of how many, each independent of the others.
    confidence : float
        0 to 1.

    Returns
    -------
    Proportion

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
       binomial", Biometrika 26, 1934.

    Examples
    --------
    >>> found = exact_proportion(12, 16)
    >>> round(found.low, 3), round(found.high, 3)
    (0.476, 0.927)
    """
    from scipy.stats import beta

    if not trials:
        return Proportion(share=math.nan, low=math.nan, high=math.nan, count=0)
    tail = (1.0 - confidence) / 2.0
    low = float(beta.ppf(tail, successes, trials - successes + 1)) if successes else 0.0
    high = float(beta.isf(tail, successes + 1, trials - successes)) if successes < trials else 1.0
    return Proportion(share=successes / trials, low=low, high=high, count=trials)


def critical_count(trials: int, alpha: float) -> int:
    """Return the fewest successes with which a one-sided binomial test against one in two is significant.

    Parameters
    ----------
    trials : int
        How many.
    alpha : float
        The level.

    Returns
    -------
    int
        `trials` + 1 where not even all are enough.

    Examples
    --------
    >>> critical_count(16, 0.05)
    12
    """
    from scipy.stats import binom

    least = int(binom.isf(alpha, trials, 0.5)) + 1
    while least > 0 and binom.sf(least - 2, trials, 0.5) <= alpha:
        least -= 1
    while least <= trials and binom.sf(least - 1, trials, 0.5) > alpha:
        least += 1
    return least
