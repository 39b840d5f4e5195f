"""Spectral flatness: how noise-like a sound is in short frames."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import SlicedAudio, as_audio, require_sample_rate

_WINDOW_S = 0.0464
_RANGE_HZ = (200.0, 10_000.0)
_MOST_FRAMES = 512


def spectral_flatness_db(audio: npt.ArrayLike | SlicedAudio, sample_rate: int) -> float:
    """Return the geometric over the arithmetic mean of the power spectrum, averaged over time.

    Up to 512 frames of 46 ms, evenly spread, each weighted by its power; 200 Hz to 10 kHz.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Linear float samples. Not modified. Channels are averaged first.
    sample_rate : int
        Hz.

    Returns
    -------
    float
        dB: about -2.5 for white noise (bins of noise differ), below -20 for tones; -inf for silence.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.
    """
    from scipy.fft import next_fast_len, rfft

    audio = as_audio(audio)
    sample_rate = require_sample_rate(sample_rate)
    length = next_fast_len(round(_WINDOW_S * sample_rate), real=True)
    last_start = max(0, audio.shape[0] - length)
    starts = np.unique(
        np.linspace(0, last_start, min(_MOST_FRAMES, 1 + 2 * last_start // length)).astype(np.int64)
    )
    frames = np.zeros((starts.size, length), np.float32)
    for row, start in enumerate(starts):
        part = mean_of_channels(audio[start : start + length])
        frames[row, : part.size] = part
    frames *= np.hanning(length + 1)[:-1].astype(np.float32)
    low, high = (round(hz * length / sample_rate) for hz in _RANGE_HZ)
    high = min(high, int(0.9 * length / 2))
    power = (np.abs(rfft(frames, axis=1)) ** 2).astype(np.float64)
    weights = power.sum(axis=1)
    if weights.sum() == 0.0:
        return -math.inf
    # The floor masks digital silence and rounding in single precision.
    floored = power[:, low:high] + 1e-10 * weights[:, np.newaxis] / length + 1e-30
    flatness = np.exp(np.log(floored).mean(axis=1)) / floored.mean(axis=1)
    return 10.0 * math.log10(float(flatness @ weights) / float(weights.sum()))
