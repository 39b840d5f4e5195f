"""Small songs made by code: noise, clicks and levels that are known."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

RATE = 22_050
"""Hz; the rate of the small songs: enough for every rule, and half the work."""

Samples = npt.NDArray[np.float32]
Song = dict[str, Samples]


def noise(seconds: float, low_hz: float, high_hz: float, *, rate: int = RATE, seed: int = 0) -> Samples:
    """Noise that is flat between two frequencies and nothing outside, at 0.1 RMS."""
    return _noise(round(seconds * rate), low_hz, high_hz, rate, seed).copy()


@functools.lru_cache(maxsize=32)  # tests ask again and again for the same few
def _noise(samples: int, low_hz: float, high_hz: float, rate: int, seed: int) -> Samples:
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1 / rate)
    spectrum[(hz < low_hz) | (hz >= high_hz)] = 0.0
    audio = np.fft.irfft(spectrum, samples)
    scaled: Samples = (0.1 * audio / np.sqrt(np.mean(audio**2))).astype(np.float32)
    return scaled


def clicks(seconds: float, bpm: float, *, rate: int = RATE, seed: int = 0) -> Samples:
    """Short noise bursts on every beat: something with a tempo."""
    audio = np.zeros(round(seconds * rate), np.float32)
    length = round(0.05 * rate)
    burst = np.random.default_rng(seed).standard_normal(length) * np.exp(-np.arange(length) / (0.01 * rate))
    for beat in range(int(seconds * bpm / 60)):
        start = round(beat * 60 / bpm * rate)
        part = audio[start : start + length]
        part += 0.3 * burst[: len(part)].astype(np.float32)
    return audio


def terraces(seconds: float, steps_db: tuple[float, ...], *, each_s: float = 4.0, seed: int = 0) -> Samples:
    """Voice-like noise whose level moves in long steps: a known, wide loudness range."""
    carrier = noise(seconds, 200, 5000, seed=seed)
    places = (np.arange(len(carrier)) / (each_s * RATE)).astype(int) % len(steps_db)
    moved: Samples = (carrier * 10.0 ** (np.asarray(steps_db)[places] / 20.0)).astype(np.float32)
    return moved


def band(seconds: float = 8.0) -> Song:
    """A small band: vocal, drums, bass, guitar; all mono, all at one RMS."""
    return {
        "vocals": terraces(seconds, (0.0, -6.0), each_s=2.0, seed=1),
        "drums": clicks(seconds, 120, seed=2),
        "bass": noise(seconds, 40, 150, seed=3),
        "guitar": noise(seconds, 300, 4000, seed=4),
    }
