"""Bootstrap intervals of a mean, and of the difference of two."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEWEST_FOR_INTERVAL = 3
"""Two values have three resamples: no interval of 95 % can be had from them."""
_SAME = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean (or a difference of two) with its bootstrap interval; NaN where there are too few values."""

    mean: float
    low: float
    high: float
    count: int


def bootstrap_mean(
    values: npt.ArrayLike,
    minus: npt.ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Return a mean and its bootstrap interval, bias-corrected and accelerated (BCa).

    Parameters
    ----------
    values : array_like, shape (n,)
        One value a unit that is resampled: a song, a listener, a rating. NaN and infinity count as missing.
    minus : array_like, shape (m,), optional
        An independent sample, whose mean is subtracted; both are resampled.
    confidence : float
        Of the interval, 0 to 1; not adjusted for multiplicity.
    resamples : int
        How many; 0 for no interval.
    seed : int
        What the resamples are drawn from.

    Returns
    -------
    Interval
        Without bounds (NaN) where a sample has fewer than three values; bounds equal to the mean where no
        value differs from another of its sample. `count` is of `values`.

    References
    ----------
    .. [1] B. Efron, "Better bootstrap confidence intervals", J. Am. Stat. Assoc. 82, 1987.
    """
    samples = [_defined(sample) for sample in ((values,) if minus is None else (values, minus))]
    count = samples[0].size
    if any(sample.size == 0 for sample in samples):
        return Interval(mean=math.nan, low=math.nan, high=math.nan, count=count)
    mean = float(samples[0].mean()) - (float(samples[1].mean()) if len(samples) > 1 else 0.0)
    if resamples == 0 or any(sample.size < FEWEST_FOR_INTERVAL for sample in samples):
        return Interval(mean=mean, low=math.nan, high=math.nan, count=count)
    if all(np.ptp(sample) < _SAME for sample in samples):
        return Interval(mean=mean, low=mean, high=mean, count=count)
    from scipy import stats

    # Resamples that hold the same values in another order are ties, which rounding errors would break by chance: few
    # values have many of them, and BCa counts them.
    grain = _SAME * max(float(np.abs(sample).max()) for sample in samples)

    def statistic(*resampled: Floats, axis: int) -> Floats:
        means = [sample.mean(axis=axis) for sample in resampled]
        return np.asarray(np.round((means[0] - means[1] if len(means) > 1 else means[0]) / grain) * grain)

    found = stats.bootstrap(
        samples,
        statistic,
        n_resamples=resamples,
        confidence_level=confidence,
        method="BCa",
        batch=max(1, 2_000_000 // max(sample.size for sample in samples)),
        random_state=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(mean=mean, low=float(found.low), high=float(found.high), count=count)


def normal_mean(values: npt.ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Return the mean of a large sample and its interval by the normal distribution.

    Parameters
    ----------
    values : array_like, shape (n,)
        Independent values. NaN and infinity count as missing.
    confidence : float
        Of the interval, 0 to 1; not adjusted for multiplicity.

    Returns
    -------
    Interval
        The mean and z standard errors to both sides; no bounds (NaN) with fewer than three values. Of a thousand values
        it is as good as a bootstrap, which takes memory and time with their number.
    """
    from scipy.special import ndtri

    defined = _defined(values)
    if defined.size < FEWEST_FOR_INTERVAL:
        mean = float(defined.mean()) if defined.size else math.nan
        return Interval(mean=mean, low=math.nan, high=math.nan, count=defined.size)
    mean = float(defined.mean())
    half = float(ndtri((1.0 + confidence) / 2.0)) * float(defined.std(ddof=1)) / math.sqrt(defined.size)
    return Interval(mean=mean, low=mean - half, high=mean + half, count=defined.size)


def _defined(values: npt.ArrayLike) -> Floats:
    given = np.asarray(values, np.float64)
    return given[np.isfinite(given)]
