"""Mel spectra and short-time magnitudes with numpy and scipy alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio

Magnitudes = npt.NDArray[np.float32]

_FRAMES_AT_ONCE = 256
_LOG_STEP = np.log(6.4) / 27.0
_BREAK_HZ, _BREAK_MEL, _HZ_PER_MEL = 1000.0, 15.0, 200.0 / 3.0


def magnitudes(
    signal: npt.NDArray[np.floating[Any]], window: npt.NDArray[np.floating[Any]], hop: int
) -> Iterator[Magnitudes]:
    """Yield short-time spectra of a signal, some frames at a time, without centring.

    Parameters
    ----------
    signal : ndarray, shape (samples,)
        Padded with zeros to one frame where it is shorter.
    window : ndarray, shape (length,)
        The window, as long as a frame.
    hop : int
        Samples between frames.

    Yields
    ------
    ndarray of float32, shape (frames, length // 2 + 1)
        Magnitudes.
    """
    from scipy.fft import rfft

    length = len(window)
    signal = np.pad(np.asarray(signal, np.float32), (0, max(0, length - len(signal))))
    frames = np.lib.stride_tricks.sliding_window_view(signal, length)[::hop]
    weights = window.astype(np.float32)
    for first in range(0, len(frames), _FRAMES_AT_ONCE):
        yield np.abs(rfft(frames[first : first + _FRAMES_AT_ONCE] * weights, axis=1))


def log_mel_db(
    audio: Audio,
    sample_rate: int,
    *,
    bands: int = 128,
    length: int = 4096,
    hop: int = 2048,
    floor_db: float = -100.0,
) -> npt.NDArray[np.float32]:
    """Return the mel power spectrum of the mono sum in dB.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Full scale ±1.0.
    sample_rate : int
        Hz.
    bands, length, hop : int
        Mel bands from 0 Hz to half the rate, samples in a frame (Hann) and between frames.
    floor_db : float
        Lower levels are held here; a full-scale sine reads about 0.

    Returns
    -------
    ndarray of float32, shape (frames, bands)
    """
    window = np.hanning(length + 1)[:-1]
    filters = mel_filters(sample_rate, length, bands)
    scale = np.float32((2.0 / window.sum()) ** 2)
    parts = [(part**2 * scale) @ filters.T for part in magnitudes(audio.mean(axis=1), window, hop)]
    powers = np.maximum(np.concatenate(parts), np.float32(10.0 ** (floor_db / 10.0)))
    return np.asarray(10.0 * np.log10(powers), np.float32)


@lru_cache(maxsize=8)
def mel_filters(sample_rate: int, length: int, bands: int) -> npt.NDArray[np.float32]:
    """Return triangular mel filters of unit height, shape (bands, length // 2 + 1).

    Notes
    -----
    Slaney's scale (Auditory Toolbox, 1998): linear to 1 kHz, 200/3 Hz a mel, logarithmic above.
    """
    edges = _to_hz(np.linspace(0.0, _to_mel(sample_rate / 2), bands + 2))
    hz = np.fft.rfftfreq(length, 1.0 / sample_rate)
    low, center, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (hz - low) / (center - low), (high - hz) / (high - center)
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def _to_mel(hz: float) -> float:
    if hz < _BREAK_HZ:
        return hz / _HZ_PER_MEL
    return _BREAK_MEL + float(np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < _BREAK_MEL, mel * _HZ_PER_MEL, _BREAK_HZ * np.exp((mel - _BREAK_MEL) * _LOG_STEP))
