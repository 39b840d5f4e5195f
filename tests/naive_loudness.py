"""Slow plain twins of the loudness kernels, written from the standards and not from the kernels."""

from __future__ import annotations

import itertools
import math

import numpy as np


def k_filter(audio: np.ndarray, coefficients: list[tuple[list[float], list[float]]]) -> np.ndarray:
    """Direct form 1, one sample, one channel, one stage at a time."""
    out = np.array(audio, dtype=np.float64)
    for b, a in coefficients:
        for channel in range(out.shape[1]):
            x1 = x2 = y1 = y2 = 0.0
            for n in range(out.shape[0]):
                x0 = out[n, channel]
                y0 = b[0] * x0 + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
                x2, x1, y2, y1 = x1, x0, y1, y0
                out[n, channel] = y0
    return out


def hop_starts(samples: int, sample_rate: int, hop_s: float) -> list[int]:
    """Round half up of each hop's time in samples, the end of the signal last."""
    starts = [0]
    while True:
        nearest = math.floor(len(starts) * sample_rate * hop_s + 0.5 + 1e-9)
        if nearest > samples:
            break
        starts.append(nearest)
    return starts if starts[-1] == samples else [*starts, samples]


def energies(filtered: np.ndarray, starts: list[int], weights: list[float]) -> np.ndarray:
    pairs = itertools.pairwise(starts)
    return np.array([float((filtered[a:b] ** 2).mean(axis=0) @ np.array(weights)) for a, b in pairs])


def lufs(energy: float) -> float:
    return -0.691 + 10 * math.log10(energy) if energy > 0 else -math.inf


def windows(
    filtered: np.ndarray, sample_rate: int, window_s: float, hop_s: float, weights: list[float]
) -> list[float]:
    """Mean energy of every complete window, straight from the samples; sample_rate a multiple of 100."""
    width, hop = round(window_s * sample_rate), round(hop_s * sample_rate)
    return [
        float((filtered[start : start + width] ** 2).mean(axis=0) @ np.array(weights))
        for start in range(0, filtered.shape[0] - width + 1, hop)
    ]


def integrated(filtered: np.ndarray, sample_rate: int, weights: list[float]) -> float:
    blocks = windows(filtered, sample_rate, 0.4, 0.1, weights)
    blocks = [block for block in blocks if lufs(block) > -70.0]
    if not blocks:
        return -math.inf
    gate = lufs(sum(blocks) / len(blocks)) - 10.0
    blocks = [block for block in blocks if lufs(block) > gate]
    return lufs(sum(blocks) / len(blocks))


def loudness_range(filtered: np.ndarray, sample_rate: int, weights: list[float], hop_s: float = 1.0) -> float:
    values = windows(filtered, sample_rate, 3.0, hop_s, weights)
    values = [value for value in values if lufs(value) >= -70.0]
    if not values:
        return math.nan
    gate = lufs(sum(values) / len(values)) - 20.0
    levels = sorted(lufs(value) for value in values if lufs(value) >= gate)
    last = len(levels) - 1
    return levels[math.floor(last * 0.95 + 0.5)] - levels[math.floor(last * 0.10 + 0.5)]


def true_peak(audio: np.ndarray, width: int) -> float:
    """Zero-stuff fourfold, convolve with the whole prototype of `width` samples, take the largest magnitude."""
    factor, middle = 4, 2 * width
    j = np.arange(2 * middle + 1)
    prototype = np.sinc((j - middle) / factor) * 0.5 * (1 - np.cos(np.pi * j / middle))
    peak = 0.0
    for channel in audio.T:
        stuffed = np.zeros(channel.size * factor)
        stuffed[::factor] = channel
        peak = max(peak, float(np.abs(np.convolve(stuffed, prototype)).max()))
    return peak
