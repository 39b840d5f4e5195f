"""Where a mix may begin, to some 10 ms, and how fast it runs: onsets in bands, compared in windows all over the song.

Candidates only: which of them is right, the waveforms tell. Repeated music has several that look alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

Floats = npt.NDArray[np.float64]

FARTHEST_S = 30.0
"""How far a mix's start may be from that of its stems, either way."""
FURTHEST_PPM = 2000.0
"""How far its rate may be from the one that is tried."""

FRAMES_PER_S = 100
"""Frames of onsets."""

_BANDS = 14
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 12_000.0
_QUIET = 1e-6  # of a band's mean power: what is added before the logarithm
_WINDOW_S = 6.0
_MOST_WINDOWS = 120
_BESIDE_PEAK = 0.95
_OF_DRIFT = 0.002  # that the most drift is less likely than none
_SPREAD_S = 0.03  # a second candidate is at least this far from the first at the song's middle


@dataclass(frozen=True, slots=True)
class Line:
    """Where a sample of the stems lies in the mix: ``offset + step * sample``.

    Attributes
    ----------
    offset : float
        Samples of the mix.
    step : float
        Samples of the mix for each of the stems.
    """

    offset: float
    step: float = 1.0

    def __call__(self, sample: float) -> float:
        """Return the position in the mix of a sample of the stems."""
        return self.offset + self.step * sample

    def moved(self, lag: float, drift: float) -> Line:
        """Return the line on which what was read by this one comes later by ``lag + drift * sample``."""
        return Line(self.offset + self.step * lag, self.step * (1.0 + drift))


def onsets_in_bands(audio: Audio, sample_rate: int) -> npt.NDArray[np.float32]:
    """Return how steeply the level rises in each band, each at one variance.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Channels' powers are added.
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray, shape (frames, bands)
        100 frames a second; the rise of the level in dB where it rises, less its mean.
    """
    from scipy.fft import rfft

    hop = sample_rate / FRAMES_PER_S
    length = 1 << round(math.log2(sample_rate * 0.04))
    edges = np.geomspace(_LOWEST_HZ, min(_HIGHEST_HZ, 0.45 * sample_rate), _BANDS + 1) * length / sample_rate
    edges = np.unique(np.maximum(np.round(edges), 1.0)).astype(np.int64)
    window = np.hanning(length).astype(np.float32)
    frames = max(1, math.ceil(len(audio) / hop))
    powers = np.empty((frames, len(edges) - 1), np.float64)
    padded = np.pad(audio, ((length // 2, length), (0, 0)))
    at_once = 2048
    for first in range(0, frames, at_once):
        starts = np.round(np.arange(first, min(first + at_once, frames)) * hop).astype(int)
        power: Floats = np.zeros((len(starts), length // 2 + 1))
        for channel in range(audio.shape[1]):
            view = np.lib.stride_tricks.sliding_window_view(padded[:, channel], length)
            power = power + np.abs(rfft(view[starts] * window, axis=1)) ** 2
        powers[first : first + len(starts)] = np.add.reduceat(power, list(edges), axis=1)[:, :-1]
    level = np.log(powers + _QUIET * powers.mean(axis=0) + 1e-30)
    rise = np.maximum(np.diff(level, axis=0, prepend=level[:1]), 0.0)
    rise -= rise.mean(axis=0)
    spread = rise.std(axis=0)
    rise[:, spread > 0.0] /= spread[spread > 0.0]
    return np.asarray(rise, np.float32)


def candidates(
    mix_onsets: npt.NDArray[np.float32],
    stem_onsets: npt.NDArray[np.float32],
    sample_rate: int,
    *,
    ratio: float = 1.0,
    count: int = 5,
) -> list[tuple[float, Line]]:
    """Return where the mix may lie, the likeliest first, each with the mean correlation of its windows.

    Parameters
    ----------
    mix_onsets, stem_onsets : ndarray, shape (frames, bands)
        By `onsets_in_bands`.
    sample_rate : int
        Hz of the samples in which the lines count.
    ratio : float
        Samples of the mix for one of the stems; within 0.2 % of it is searched.
    count : int
        At most so many.
    """
    frames = max(2, round(len(stem_onsets) * ratio))
    at = np.clip(np.arange(frames) / ratio, 0, len(stem_onsets) - 1)
    stretched = np.stack([np.interp(at, np.arange(len(stem_onsets)), band) for band in stem_onsets.T], axis=1)
    lags, table, centres = _window_correlations(mix_onsets.astype(np.float64), stretched)
    if not len(centres):
        return []
    return _best_lines(lags, table, centres, frames, sample_rate, ratio, count)


def _window_correlations(mix: Floats, stems: Floats) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Return the lags in frames, the correlation of each window of the stems at each, and the windows' centres."""
    from scipy.fft import irfft, next_fast_len, rfft

    length = min(round(_WINDOW_S * FRAMES_PER_S), len(stems))
    last = len(stems) - length
    windows = min(_MOST_WINDOWS, max(1, math.ceil(2.0 * last / length) + 1))
    starts = np.unique(np.round(np.linspace(0, last, windows)).astype(int))
    reach = round(FARTHEST_S * FRAMES_PER_S) + math.ceil(FURTHEST_PPM * 1e-6 * len(stems))
    lags = np.arange(-reach, reach + 1)
    span = length + 2 * reach
    fast = next_fast_len(span, real=True)
    energy = np.cumsum(np.concatenate([[0.0], np.sum(mix**2, axis=1)]))
    floor = 0.05 * length * energy[-1] / len(mix)
    rows, centres = [], []
    for start in starts:
        window = stems[start : start + length]
        own = float(np.sum(window**2))
        if own <= 0.0:
            continue
        low = int(start) - reach
        segment = np.zeros((span, mix.shape[1]))
        first, stop = max(low, 0), min(low + span, len(mix))
        if stop > first:
            segment[first - low : stop - low] = mix[first:stop]
        across = np.sum(rfft(segment, fast, axis=0) * rfft(window, fast, axis=0).conj(), axis=1)
        values = irfft(across, fast)[: len(lags)]
        begin = np.clip(start + lags, 0, len(mix))
        there = energy[np.clip(start + lags + length, 0, len(mix))] - energy[begin]
        rows.append(values / np.sqrt(own * np.maximum(there, floor) + 1e-30))
        centres.append(start + length / 2.0)
    return lags, np.array(rows), np.array(centres)


def _best_lines(
    lags: npt.NDArray[np.int64],
    table: Floats,
    centres: Floats,
    frames: int,
    sample_rate: int,
    ratio: float,
    count: int,
) -> list[tuple[float, Line]]:
    """Return the straight lines through the windows' correlations along which their mean is highest."""
    from scipy.ndimage import maximum_filter1d

    # Beside its peak a little lower, so that of equal lines the one wins that runs through the peaks.
    blurred = np.maximum(table, _BESIDE_PEAK * maximum_filter1d(table, 3, axis=1))
    middle = frames / 2.0
    # From one drift to the next the ends of the song move by a frame.
    steps = math.ceil(FURTHEST_PPM * 1e-6 * middle)
    drifts = np.linspace(-FURTHEST_PPM, FURTHEST_PPM, 2 * steps + 1) * 1e-6 if steps else np.zeros(1)
    means = np.zeros((len(drifts), len(lags)))
    for row, drift in enumerate(drifts):
        shifts = np.round(drift * (centres - middle)).astype(int)
        for values, shift in zip(blurred, shifts, strict=True):
            low, high = max(0, -shift), min(len(lags), len(lags) - shift)
            means[row, low:high] += values[low + shift : high + shift]
    means /= len(centres)
    means -= _OF_DRIFT * np.abs(drifts)[:, np.newaxis] / (FURTHEST_PPM * 1e-6)
    found: list[tuple[float, Line]] = []
    apart = round(_SPREAD_S * FRAMES_PER_S)
    for _ in range(count):
        row, column = divmod(int(np.argmax(means)), means.shape[1])
        score = float(means[row, column])
        if score <= 0.0:
            break
        drift = float(drifts[row])
        # In frames of the mix: lag(u) = lag + drift (u - middle), u = ratio * t on the stems' clock.
        offset = (lags[column] - drift * middle) * sample_rate / FRAMES_PER_S
        found.append((score, Line(float(offset), ratio * (1.0 + drift))))
        means[:, max(0, column - apart) : column + apart + 1] = -1.0
    return found
