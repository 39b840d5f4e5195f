"""Exact power of tests on choices: how often so many listeners find a preference, or a difference that can be heard."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixrules.statistics.binomial import critical_count

Floats = npt.NDArray[np.float64]


def preference_power(
    listeners: int,
    share: float,
    *,
    choices: int = 1,
    no_preference: float = 0.0,
    between: float = 0.0,
    alpha: float = 0.05,
) -> float:
    """Return how often a sign test over listeners finds a preference: the right one, two-sided.

    Parameters
    ----------
    listeners : int
        How many.
    share : float
        Of choices for the better one, of those that choose one; 0.5 to 1.
    choices : int
        A listener's, of this pair; a listener is counted for the one chosen more often.
    no_preference : float
        Share of choices that choose none.
    between : float
        Standard deviation of the share over listeners, who differ by a beta distribution; 0 where all are alike.
    alpha : float
        Level of the test.

    Returns
    -------
    float
        0 to 1, a sum over all outcomes.

    Examples
    --------
    >>> round(preference_power(20, 0.8), 3)
    0.804
    """
    from scipy.stats import binom

    better, worse = _majority(share, choices, no_preference, between)
    decided = np.arange(listeners + 1)
    weights = binom.pmf(decided, listeners, better + worse)
    right = better / (better + worse) if better + worse > 0.0 else 0.5
    needed = np.array([critical_count(int(n), alpha / 2.0) for n in decided])
    return float((weights * binom.sf(needed - 1, decided, right)).sum())


def discrimination_power(
    listeners: int, share: float, *, trials: int = 1, between: float = 0.0, alpha: float = 0.05
) -> float:
    """Return how often a binomial test over all trials finds that more than half of the answers are right.

    Parameters
    ----------
    listeners : int
        How many.
    share : float
        Of right answers, 0.5 to 1.
    trials : int
        Of each listener.
    between : float
        Standard deviation of the share over listeners, who differ by a beta distribution; 0 where all are alike.
    alpha : float
        Level of the test, which is one-sided.

    Returns
    -------
    float
        0 to 1, a sum over all outcomes.

    Examples
    --------
    >>> round(discrimination_power(28, 0.75), 3)
    0.862
    """
    each = _answers(trials, share, between)
    # The sum over listeners: a convolution of each with each, as a power of the transform.
    size = listeners * trials + 1
    total = np.fft.irfft(np.fft.rfft(each, 2 * size) ** listeners, 2 * size)[:size]
    return float(min(1.0, max(0.0, total[critical_count(size - 1, alpha) :].sum())))


def _majority(share: float, choices: int, no_preference: float, between: float) -> tuple[float, float]:
    """Return how often a listener chooses the better one more often than the other, and the other way round."""
    from scipy.stats import binom

    better = worse = 0.0
    for decided in range(1, choices + 1):
        weight = float(binom.pmf(decided, choices, 1.0 - no_preference))
        right = _answers(decided, share, between)
        better += weight * float(right[decided // 2 + 1 :].sum())
        worse += weight * float(right[: (decided + 1) // 2].sum())
    return better, worse


def _answers(trials: int, share: float, between: float) -> Floats:
    """Return the probabilities of 0, 1 and so on of so many answers."""
    from scipy.stats import betabinom, binom

    answers = np.arange(trials + 1)
    variance = between**2
    if variance == 0.0 or share in (0.0, 1.0):
        return np.asarray(binom.pmf(answers, trials, share))
    precision = share * (1.0 - share) / variance - 1.0
    if precision <= 0.0:
        raise ValueError("between")
    return np.asarray(betabinom.pmf(answers, trials, share * precision, (1.0 - share) * precision))
