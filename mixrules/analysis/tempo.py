"""Tempo from onset strength: spectral flux, its autocorrelation, and a refined period.

Tempo estimators make octave errors: the period is exact, but which multiple of it is the beat is a
guess, by a log-normal prior and by `fold_tempo`, which brings it into range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.cores import in_threads, thread_count
from mixrules._support.validation import Audio, SlicedAudio, as_audio, require_sample_rate
from mixrules.analysis._blocks import require_positive
from mixrules.errors import ParameterError

_ANALYSIS_RATE = 22_050  # onsets need no more; higher rates are averaged down to about this
_WINDOW_S = 0.0464
_HOP_S = 0.0116
_BANDS = 32
_LOG_COMPRESSION = 100.0
_LOCAL_MEAN_S = 1.5
_SHORTEST_S = 2.0
_FLAT = 0.05  # a steady tone reads below 0.02, the calmest pads above 0.5
_SEARCH_BPM = (30.0, 300.0)
_STEPS_PER_OCTAVE = 240
_PRIOR_OCTAVES = 0.9
_FRAMES_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """The result of `estimate_tempo`.

    Attributes
    ----------
    bpm : float
        Beats a minute within the range asked for; NaN when no tempo was found.
    confidence : float
        0 to 1: the autocorrelation of the onset strength at that period.
    raw_bpm : float
        The estimate before it was folded into the range.
    """

    bpm: float
    confidence: float
    raw_bpm: float


def fold_tempo(bpm: float, low_bpm: float, high_bpm: float) -> float:
    """Double or halve `bpm` until it lies within the range, or as near to it as octaves allow.

    Parameters
    ----------
    bpm : float
        Beats a minute; NaN stays NaN.
    low_bpm, high_bpm : float
        The range, 0 < low_bpm < high_bpm.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        If the range is empty or `bpm` is not above 0.
    """
    require_positive(low_bpm=low_bpm, high_bpm=high_bpm)
    if low_bpm >= high_bpm:
        raise ParameterError(f"low_bpm must be below high_bpm, got {low_bpm:g} and {high_bpm:g}")
    if math.isnan(bpm):
        return bpm
    require_positive(bpm=bpm)
    while bpm < low_bpm and 2.0 * bpm <= high_bpm:
        bpm *= 2.0
    while bpm > high_bpm and bpm / 2.0 >= low_bpm:
        bpm /= 2.0
    return bpm


def estimate_tempo(
    audio: npt.ArrayLike | SlicedAudio,
    sample_rate: int,
    *,
    low_bpm: float = 60.0,
    high_bpm: float = 200.0,
    prior_bpm: float = 120.0,
    threads: int | None = 1,
) -> Tempo:
    """Estimate one tempo for the whole of a signal.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels are averaged first.
    sample_rate : int
        Hz.
    low_bpm, high_bpm : float
        The range that the answer is folded into by octaves.
    prior_bpm : float
        Middle of the log-normal prior on tempo (standard deviation 0.9 octaves).
    threads : int or None
        How many segments of the signal are analysed in parallel, None for as many as there are cores; the
        result is the same.

    Returns
    -------
    Tempo
        With NaN and confidence 0 for silence, a steady sound, or less than 2 s of signal.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    require_positive(prior_bpm=prior_bpm)
    no_tempo = Tempo(bpm=math.nan, confidence=0.0, raw_bpm=math.nan)
    fold_tempo(prior_bpm, low_bpm, high_bpm)  # checks the range
    if audio.shape[0] < _SHORTEST_S * sample_rate:
        return no_tempo
    strength, hop_s = onset_strength(audio, sample_rate, threads=threads)
    autocorrelation = _autocorrelation(strength)
    if autocorrelation is None:
        return no_tempo
    raw, confidence = _best_period(autocorrelation, hop_s, prior_bpm)
    if not math.isfinite(raw):
        return no_tempo
    return Tempo(bpm=fold_tempo(raw, low_bpm, high_bpm), confidence=confidence, raw_bpm=raw)


def onset_strength(
    audio: npt.ArrayLike | SlicedAudio, sample_rate: int, *, threads: int | None = 1
) -> tuple[npt.NDArray[np.float64], float]:
    """Return the onset strength in each frame: the log-band spectral flux.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels are averaged first.
    sample_rate : int
        Hz.
    threads : int or None
        How many segments of the signal are analysed in parallel, None for as many as there are cores; the
        result is the same.

    Returns
    -------
    strength : ndarray of float64, shape (frames,)
        Sum over bands of the rise of the compressed magnitude since the frame before, at least 0.
    hop_s : float
        Seconds from frame to frame, about 11.6 ms.
    """
    audio = as_audio(audio)
    from scipy.fft import next_fast_len, rfft

    step = max(1, require_sample_rate(sample_rate) // _ANALYSIS_RATE)
    rate = sample_rate / step
    length = next_fast_len(round(_WINDOW_S * rate), real=True)
    hop = round(_HOP_S * rate)
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    edges = np.unique(np.round(np.geomspace(40.0, 0.45 * rate, _BANDS + 1) * length / rate).astype(int))
    count = max(1, (audio.shape[0] // step - length) // hop + 1)

    magnitudes = np.empty((count, edges.size - 1), np.float32)
    scale = np.float32(2.0 / window.sum())

    def measure_frames(first: int) -> None:
        frames = min(_FRAMES_AT_ONCE, count - first)
        begin = first * hop * step
        mono = _decimated(audio[begin : begin + ((frames - 1) * hop + length) * step], step)
        if mono.size < length:
            mono = np.pad(mono, (0, length - mono.size))
        view = np.lib.stride_tricks.sliding_window_view(mono, length)[::hop][:frames]
        spectrum = np.abs(rfft(view * window, axis=1))
        sums = np.add.reduceat(spectrum, edges[:-1], axis=1)
        sums[:, -1] = spectrum[:, edges[-2] : edges[-1]].sum(axis=1)
        magnitudes[first : first + frames] = sums * scale

    starts = range(0, count, _FRAMES_AT_ONCE)
    in_threads(measure_frames, starts, thread_count(threads))
    # Compression relative to the signal's own level, so that a gain changes nothing.
    level = float(np.percentile(magnitudes.max(axis=1), 95.0)) or float(magnitudes.max())
    if level == 0.0:
        return np.zeros(count), hop / rate
    strength = np.zeros(count)
    for start in starts:  # each frame's rise since the one before; the first has none
        begin = max(start, 1)
        block = magnitudes[begin - 1 : start + _FRAMES_AT_ONCE]
        compressed = np.log1p(block * np.float32(_LOG_COMPRESSION / level))
        rise = np.maximum(np.diff(compressed, axis=0), 0.0)
        strength[begin : begin + len(rise)] = rise.sum(axis=1, dtype=np.float64)
    return strength, hop / rate


def _decimated(audio: Audio, step: int) -> npt.NDArray[np.float32]:
    """Return the mono sum with each `step` samples averaged into one: a crude but fast decimation."""
    mono = np.asarray(mean_of_channels(audio), dtype=np.float32)
    if step == 1:
        return mono
    frames = mono[: mono.size // step * step].reshape(-1, step)
    return np.asarray(mean_of_channels(frames), dtype=np.float32)


def _autocorrelation(strength: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """Return the normalised autocorrelation of `strength` less its local mean; None if it is flat."""
    from scipy.fft import irfft, next_fast_len, rfft
    from scipy.ndimage import uniform_filter1d

    span = min(strength.size, round(_LOCAL_MEAN_S / _HOP_S) | 1)
    onsets = np.maximum(strength - uniform_filter1d(strength, span, mode="nearest"), 0.0)
    if float(onsets.std()) <= _FLAT:
        return None
    onsets -= onsets.mean()
    size = next_fast_len(2 * onsets.size, real=True)
    products = irfft(np.abs(rfft(onsets, size)) ** 2, size)[: onsets.size * 3 // 4]
    # Each lag has fewer products than the one before: divide by how many there are.
    products /= np.arange(onsets.size, onsets.size - products.size, -1)
    return np.asarray(products / products[0])


def _best_period(
    autocorrelation: npt.NDArray[np.float64], hop_s: float, prior_bpm: float
) -> tuple[float, float]:
    """Return the tempo with the highest autocorrelation at beat, half-bar and bar, refined, and its confidence."""
    octaves = math.log2(_SEARCH_BPM[1] / _SEARCH_BPM[0])
    tempi = np.geomspace(*_SEARCH_BPM, round(octaves * _STEPS_PER_OCTAVE) + 1)
    lags = 60.0 / tempi / hop_s
    score = np.zeros(tempi.size)
    total = np.zeros(tempi.size)
    for multiple, weight in ((1, 1.0), (2, 0.8), (3, 0.3), (4, 0.8), (8, 0.4)):
        inside = lags * multiple < autocorrelation.size - 1
        score[inside] += weight * np.interp(
            lags[inside] * multiple, np.arange(autocorrelation.size), autocorrelation
        )
        total[inside] += weight
    score = np.divide(score, total, out=np.zeros_like(score), where=total > 0.0)
    prior = np.exp(-0.5 * (np.log2(tempi / prior_bpm) / _PRIOR_OCTAVES) ** 2)
    best = int(np.argmax(np.maximum(score, 0.0) * prior))
    if score[best] <= 0.0:
        return math.nan, 0.0
    lag = _refined_lag(autocorrelation, float(lags[best]))
    return float(60.0 / (lag * hop_s)), float(min(1.0, score[best]))


def _refined_lag(autocorrelation: npt.NDArray[np.float64], lag: float) -> float:
    """Refine a lag by the peaks near its multiples: the higher the multiple, the finer the period."""
    multiple = 1
    while True:
        center = lag * multiple
        half_width = max(1.0, 0.04 * center) if multiple == 1 else max(1.0, 0.25 * lag)
        low, high = max(1, round(center - half_width)), round(center + half_width)
        if high >= autocorrelation.size - 1:
            return lag
        peak = low + int(np.argmax(autocorrelation[low : high + 1]))
        if (
            autocorrelation[peak] < 0.3 * autocorrelation[low : high + 1].mean()
            or autocorrelation[peak] <= 0.0
        ):
            return lag
        left, middle, right = autocorrelation[peak - 1 : peak + 2]
        curve = left - 2.0 * middle + right
        offset = 0.5 * (left - right) / curve if curve < 0.0 else 0.0
        refined = (peak + min(0.5, max(-0.5, offset))) / multiple
        # A peak further away belongs to another period.
        if abs(refined / lag - 1.0) <= 0.04 / multiple:
            lag = refined
        if multiple >= 16:
            return lag
        multiple *= 2
