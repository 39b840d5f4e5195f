"""Signals and songs for the tests of mixrules.analysis."""

from typing import Any

import numpy as np
import numpy.typing as npt
import real_songs

Array = npt.NDArray[Any]

RATE = 44_100


def read(*parts: str) -> tuple[Array, int]:
    """Read one of the real files as float32 (samples, channels), and its sample rate."""
    import soundfile

    audio, rate = soundfile.read(real_songs.require(*parts), dtype="float32", always_2d=True)
    return audio, rate


def sine(hz: float, seconds: float = 2.0, peak: float = 1.0, rate: int = RATE) -> Array:
    return (peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate))[:, np.newaxis]


def noise(
    seconds: float = 2.0, rms: float = 0.1, rate: int = RATE, channels: int = 1, seed: int = 7
) -> Array:
    return rms * np.random.default_rng(seed).standard_normal((round(seconds * rate), channels))


def clicks(bpm: float, seconds: float = 20.0, rate: int = RATE) -> Array:
    audio = np.zeros(round(seconds * rate))
    click = np.sin(2 * np.pi * 1000 * np.arange(400) / rate) * np.exp(-np.arange(400) / 100)
    for start in (np.arange(0, seconds - 0.02, 60 / bpm) * rate).astype(int):
        audio[start : start + 400] += click
    return audio[:, np.newaxis].astype(np.float32)


def hits(
    seconds: float = 8.0,
    hz: float | None = None,
    decay_s: float = 0.04,
    every_s: float = 0.5,
    rate: int = RATE,
    seed: int = 3,
) -> Array:
    """Separate decaying bursts: of noise, or of a sine at `hz`."""
    size = round(every_s * rate)
    time = np.arange(size) / rate
    body = np.sin(2 * np.pi * hz * time) if hz else np.random.default_rng(seed).standard_normal(size) * 0.3
    return np.tile(body * np.exp(-time / decay_s), round(seconds / every_s))[:, np.newaxis] * 0.8


def speech_like(seconds: float = 40.0, rate: int = RATE, seed: int = 1) -> Array:
    """Bursts of noise of uneven level and length, with pauses."""
    rng = np.random.default_rng(seed)
    samples = round(seconds * rate)
    envelope = np.zeros(samples)
    at = 0.0
    while at < seconds:
        length = rng.uniform(0.1, 0.5)
        start = round(at * rate)
        size = min(round(length * rate), samples - start)
        envelope[start : start + size] = 10 ** (rng.uniform(-25, 0) / 20) * np.hanning(size + 2)[1:-1]
        at += length + rng.choice([0.0, 0.1, 0.8], p=[0.6, 0.3, 0.1])
    return (0.25 * envelope * rng.standard_normal(samples))[:, np.newaxis]


def voiced(seconds: float = 40.0, rate: int = RATE) -> Array:
    """A harmonic tone with vibrato, syllables and slow swells."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(150 * (1 + 0.3 * np.sin(2 * np.pi * 0.2 * time))) / rate
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    swell = 10 ** ((-12 + 12 * np.sin(2 * np.pi * 0.07 * time)) / 20)
    audio: Array = 0.3 * tone * swell * np.sin(2 * np.pi * 2.3 * time) ** 2
    return audio[:, np.newaxis]
