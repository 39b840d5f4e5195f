"""The mel spectrogram as torchaudio defines it, from the published formulas with plain numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def torchaudio_filters(bins: int, bands: int, rate: int) -> Floats:
    """``melscale_fbanks(bins, 0, rate / 2, bands, rate, norm=None, mel_scale="htk")`` from its formulas."""
    hz = np.linspace(0, rate // 2, bins)
    low, high = (2595.0 * np.log10(1.0 + end / 700.0) for end in (0.0, rate / 2.0))
    points = 700.0 * (10.0 ** (np.linspace(low, high, bands + 2) / 2595.0) - 1.0)
    widths = np.diff(points)
    slopes = points[np.newaxis, :] - hz[:, np.newaxis]
    down, up = -slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]
    return np.maximum(0.0, np.minimum(down, up))


def torchaudio_mel(mono: Floats, rate: int = 44_100) -> Floats:
    """``MelSpectrogram(rate, n_fft=2048, hop_length=1024, n_mels=128)``: frames by bands."""
    padded = np.pad(mono, 1024, mode="reflect")
    window = np.sin(np.pi * np.arange(2048) / 2048) ** 2
    frames = [padded[start : start + 2048] * window for start in range(0, len(padded) - 2047, 1024)]
    power = np.abs(np.array([np.fft.fft(frame)[:1025] for frame in frames])) ** 2
    return np.asarray(power @ torchaudio_filters(1025, 128, rate))
