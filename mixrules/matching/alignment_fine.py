"""How much later a mix is than its stems in each window of the song, to a fraction of a sample; the line through these.

Generalised cross-correlation with partial whitening (PHAT: Knapp and Carter, IEEE TASSP 24(4), 1976): equalisers and
balances change how strong a frequency is, and hardly when it comes.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.matching.alignment_coarse import Line
from mixrules.matching.interpolation import read_at

Floats = npt.NDArray[np.float64]

_WHITENED = 0.85
_LOWEST_HZ = 60.0
_HIGHEST = 0.45  # of the sample rate
_QUIET_DB = -50.0  # below the loudest window: not compared
_MOST_WINDOWS = 400
_LONGEST = 1 << 15
_SHORTEST = 1 << 9
_BESIDE = 24  # samples of a correlation on either side from which it is interpolated
_FINE = 16
_COPIED_WITHIN = 0.5
_SILENT = 1e-10  # of the mean power


@dataclass(frozen=True, slots=True)
class WindowLags:
    """What each window says.

    Attributes
    ----------
    times : ndarray
        Centres of the windows in samples of the stems.
    lags : ndarray
        By how many samples of the stems' clock the mix comes later there than the line says.
    heights : ndarray
        Height of the peak, 0 to 1: 1 for a copy.
    signs : ndarray
        -1 where the peak is negative.
    chance : float
        The height that windows which have nothing in common reach.
    tried : int
        In how many windows the stems sound.
    """

    times: Floats
    lags: Floats
    heights: Floats
    signs: Floats
    chance: float
    tried: int


def window_length(samples: int) -> int:
    """Return the length of the windows for a song of so many samples: a power of two, several to a song."""
    longest = 1 << max(0, math.floor(math.log2(max(samples / 4, 1))))
    return max(_SHORTEST, min(_LONGEST, longest))


def window_lags(
    mix: Audio,
    reference: Audio,
    sample_rate: int,
    line: Line,
    *,
    reach: int,
    length: int,
    most: int = _MOST_WINDOWS,
    rough: bool = False,
) -> WindowLags:
    """Return the lags of the mix in windows all over the song.

    Parameters
    ----------
    mix : ndarray, shape (samples, 2)
        The mix on its own clock.
    reference : ndarray, shape (samples, channels)
        What the mix should be, on the stems' clock.
    sample_rate : int
        Hz.
    line : Line
        Where the mix lies, as far as is known.
    reach : int
        How far from it is searched, in samples.
    length : int
        Of a window.
    most : int
        At most so many windows, overlapping by half where there are fewer.
    rough : bool
        Whether straight lines between the samples will do.
    """
    from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

    samples = len(reference)
    last = max(0, samples - length)
    count = min(most, max(1, math.ceil(2.0 * last / length) + 1))
    starts = np.unique(np.round(np.linspace(0, last, count)).astype(int))
    taper = np.hanning(length + 2)[1:-1, np.newaxis].astype(np.float32)
    reach = min(reach, length // 2)
    size = next_fast_len(length + reach, real=True)
    hz = rfftfreq(size, 1.0 / sample_rate)
    band = slice(*np.searchsorted(hz, [_LOWEST_HZ, _HIGHEST * sample_rate]))
    around = np.arange(-reach - _BESIDE, reach + _BESIDE + 1)
    # Where the clocks differ by less than this within a window, it is copied and not interpolated.
    step = 1.0 if abs(line.step - 1.0) * length < _COPIED_WITHIN else line.step
    silence = [_SILENT * length * float(np.vdot(each, each)) / len(each) for each in (reference, mix)]
    rows, own = [], []
    for start in starts:
        first = line(float(start))
        first = float(round(first)) if step == 1.0 else first
        there = (_read_roughly if rough else read_at)(mix, first, step, length)
        here = reference[start : start + length]
        powers = float(np.vdot(here, here)), float(np.vdot(there, there))
        own.append(powers[0])
        if powers[0] <= silence[0] or powers[1] <= silence[1]:
            continue
        ours, theirs = (rfft(each * taper[: len(each)], size, axis=0)[band] for each in (here, there))
        full = np.zeros(len(hz), np.complex64)
        full[band] = _whitened(ours, theirs)
        values = irfft(full, size)[around] * (size / (2.0 * (band.stop - band.start)))
        lag, height = _sharpened(values, reach)
        centre = start + length / 2.0
        lag += (first + step * length / 2.0 - line(centre)) / line.step
        rows.append((centre, lag, abs(height), math.copysign(1.0, height), *powers))
    if not rows:
        empty = np.zeros(0)
        return WindowLags(empty, empty, empty, empty, 1.0, 0)
    times, lags, heights, signs, ours_power, theirs_power = np.array(rows).T
    quiet = 10.0 ** (_QUIET_DB / 10.0)
    loud = (ours_power > quiet * max(own)) & (theirs_power > quiet * theirs_power.max())
    tried = int(np.sum(np.array(own) > quiet * max(own)))
    chance = math.sqrt(
        2.0 * math.log(2.0 * reach + 2.0) / max(1.0, (band.stop - band.start) / 2.0 * length / size)
    )
    return WindowLags(times[loud], lags[loud], heights[loud], signs[loud], chance, tried)


def _read_roughly(audio: Audio, first: float, step: float, samples: int) -> Audio:
    if step == 1.0:
        return read_at(audio, first, step, samples)
    base = math.floor(first)
    positions = (first - base) + step * np.arange(samples)
    chunk = read_at(audio, float(base), 1.0, int(positions[-1]) + 2)
    columns = [np.interp(positions, np.arange(len(chunk)), column) for column in chunk.T]
    return np.stack(columns, axis=1).astype(np.float32)


def _whitened(ours: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a cross-spectrum partly whitened, of which equal signals make a peak of height 1."""
    across = np.sum(theirs * ours.conj(), axis=1)
    power = np.sqrt(np.sum(np.abs(ours) ** 2, axis=1) * np.sum(np.abs(theirs) ** 2, axis=1))
    weight = (power + np.float32(1e-6) * power.max()) ** np.float32(-_WHITENED)
    whitened: npt.NDArray[Any] = across * (weight * (len(across) / float(np.dot(power, weight))))
    return whitened


def _sharpened(values: Floats, reach: int) -> tuple[float, float]:
    """Return where a correlation, given from before ``-reach`` to after `reach`, is strongest, and its height there."""
    inner = values[_BESIDE : len(values) - _BESIDE]
    peak = int(np.argmax(np.abs(inner)))
    fine = _between() @ values[peak : peak + 2 * _BESIDE + 1]
    sign = math.copysign(1.0, float(inner[peak]))
    best = int(np.clip(np.argmax(sign * fine), 1, len(fine) - 2))
    before, top, after = (sign * float(fine[best + k]) for k in (-1, 0, 1))
    curve = before - 2.0 * top + after
    part = 0.5 * (before - after) / curve if curve < 0.0 else 0.0
    lag = peak - reach + (best - len(fine) // 2 + part) / _FINE
    return float(lag), sign * (top - 0.25 * (before - after) * part)


@functools.lru_cache(maxsize=1)
def _between() -> Floats:
    """Return what makes, of samples around a peak, those between them up to one sample away."""
    distance = np.arange(-_FINE, _FINE + 1)[:, np.newaxis] / _FINE - np.arange(-_BESIDE, _BESIDE + 1)
    return np.asarray(np.sinc(distance) * np.cos(np.pi * distance / (2.0 * _BESIDE + 2.0)) ** 2)


@dataclass(frozen=True, slots=True)
class FittedLine:
    """A straight line through the lags of windows.

    Attributes
    ----------
    lag, drift : float
        ``lag + drift * sample`` is how much later the mix comes.
    lag_interval, drift_interval : float
        Half of the 95 % interval of either; of the lag at the song's middle.
    agreeing : ndarray of bool
        Which windows lie on it.
    spread : float
        RMS in samples of how far those are from it.
    """

    lag: float
    drift: float
    lag_interval: float
    drift_interval: float
    agreeing: npt.NDArray[np.bool_]
    spread: float


def fit_line(windows: WindowLags, *, tolerance: float, steepest: float) -> FittedLine | None:
    """Return the line on which most windows lie, each as much as its peak is high; None where there are none.

    Parameters
    ----------
    windows : WindowLags
        What each window says.
    tolerance : float
        Samples from the line within which a window agrees.
    steepest : float
        The largest drift.

    Notes
    -----
    Every pair of up to 60 windows proposes a line (as RANSAC with all pairs), then least squares with Tukey's weights.
    """
    times, lags, heights = windows.times, windows.lags, windows.heights
    weights = np.maximum(heights - windows.chance, 0.0)
    if not weights.any():
        return None
    strong = np.sort(np.argsort(weights)[::-1][:60])
    best, agreeing = -1.0, np.zeros(len(times), bool)
    proposals = [(0.0, float(lags[i])) for i in strong]
    if steepest > 0.0:
        one, two = np.triu_indices(len(strong), 1)
        apart = times[strong[two]] - times[strong[one]]
        slopes = np.divide(
            lags[strong[two]] - lags[strong[one]], apart, where=apart > 0, out=np.full(len(apart), np.inf)
        )
        usable = np.abs(slopes) <= steepest
        starts = lags[strong[one]] - slopes * times[strong[one]]
        proposals += list(zip(slopes[usable], starts[usable], strict=True))
    for slope, start in proposals:
        near = np.abs(lags - start - slope * times) <= tolerance
        score = float(weights[near].sum())
        if score > best:
            best, agreeing = score, near
    return _refined(times, lags, weights, agreeing, tolerance, flat=steepest == 0.0)


def _refined(
    times: Floats,
    lags: Floats,
    weights: Floats,
    agreeing: npt.NDArray[np.bool_],
    tolerance: float,
    *,
    flat: bool,
) -> FittedLine:
    middle = float(times.mean())
    centred = times - middle
    slope, level, residuals, scale = 0.0, 0.0, lags, tolerance
    chosen = agreeing
    usable = weights.copy()
    for _ in range(8):
        usable = np.where(chosen, weights, 0.0)
        total = usable.sum()
        if total <= 0.0:
            usable, total = weights, weights.sum()
        mean_time = float(np.sum(usable * centred) / total)
        mean_lag = float(np.sum(usable * lags) / total)
        across = float(np.sum(usable * (centred - mean_time) ** 2))
        enough = not flat and int(chosen.sum()) >= 3 and across > 0.0
        slope = float(np.sum(usable * (centred - mean_time) * (lags - mean_lag)) / across) if enough else 0.0
        level = mean_lag - slope * mean_time
        residuals = lags - level - slope * centred
        scale = 1.4826 * float(np.median(np.abs(residuals[chosen]))) if chosen.any() else tolerance
        chosen = np.abs(residuals) <= min(tolerance, max(4.0 * scale, 0.02))
    count = int(chosen.sum())
    usable = np.where(chosen, weights, 0.0)
    total = float(usable.sum())
    spread = math.sqrt(float(np.sum(usable * residuals**2)) / total) if total > 0.0 else math.inf
    # Neighbouring windows overlap by half: so many are worth half as many.
    worth = max(1.0, count / 2.0)
    error = spread / math.sqrt(worth)
    reach = math.sqrt(float(np.sum(usable * centred**2)) / total) if total > 0.0 else 0.0
    return FittedLine(
        lag=float(level - slope * middle),
        drift=float(slope),
        lag_interval=2.0 * error,
        drift_interval=2.0 * error / reach if reach > 0.0 and not flat else 0.0,
        agreeing=chosen,
        spread=spread,
    )
