"""Songs of noise bursts, and mixes of them that are played late, from another clock or upside down.

Their delays are made in the frequency domain and by resampling of scipy, not by the interpolation under test.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from mixrules.stems import Stems

RATE = 16_000
Samples = npt.NDArray[np.float32]


def bursts(seconds: float, *, seed: int, rate: int = RATE, per_second: float = 3.0) -> Samples:
    """Mono notes at random times, each of its own pitch and length, with noise."""
    rng = np.random.default_rng(seed)
    audio = np.zeros(round(seconds * rate))
    for _ in range(max(1, round(seconds * per_second))):
        start, length = int(rng.uniform(0, len(audio))), round(rng.uniform(0.05, 0.5) * rate)
        t = np.arange(min(length, len(audio) - start)) / rate
        tone = np.sin(2 * np.pi * rng.uniform(80, 0.2 * rate) * t) + 0.5 * rng.standard_normal(len(t))
        audio[start : start + len(t)] += tone * np.exp(-6.0 * t / (length / rate))
    return (0.1 * audio).astype(np.float32)


def song(seconds: float = 20.0, stems: int = 4, *, rate: int = RATE, seed: int = 0) -> Stems:
    """Return stems of bursts."""
    arrays = {f"track {n}": bursts(seconds, seed=100 * seed + n, rate=rate) for n in range(stems)}
    return Stems.from_arrays(arrays, rate)


def mixed(stems: Stems, gains: npt.ArrayLike | None = None, pans: npt.ArrayLike | None = None) -> Samples:
    """Return the sum of the stems at some gains and pans, stereo."""
    count = len(stems)
    gains_ = np.ones(count) if gains is None else np.asarray(gains)
    pans_ = np.zeros(count) if pans is None else np.asarray(pans)
    total = np.zeros((stems.samples, 2))
    for stem, gain, pan in zip(stems, gains_, pans_, strict=True):
        total += stem.audio * gain * np.array([1.0 - pan, 1.0 + pan])
    return total.astype(np.float32)


def later(audio: Samples, samples: float) -> Samples:
    """Return audio delayed by any number of samples, whole or not, with room at its end."""
    spare = int(abs(samples)) + 256
    padded = np.concatenate([np.zeros((spare, 2)), audio, np.zeros((spare, 2))])
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(len(padded)) * samples)
    moved = np.fft.irfft(np.fft.rfft(padded, axis=0) * turn[:, np.newaxis], len(padded), axis=0)
    return moved[spare:].astype(np.float32)


def slower(audio: Samples, ratio: Fraction) -> Samples:
    """Return audio that lasts `ratio` times as long."""
    longer = resample_poly(audio, ratio.numerator, ratio.denominator, axis=0, window=("kaiser", 12.0))
    return np.asarray(longer, np.float32)
