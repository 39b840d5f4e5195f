"""Signals and songs for the tests of mixrules.analysis."""

import numpy as np
import real_songs

RATE = 44_100


def read(*parts):
    """Read one of the real files as float32 (samples, channels)."""
    import soundfile

    return soundfile.read(real_songs.require(*parts), dtype="float32", always_2d=True)


def sine(hz, seconds=2.0, peak=1.0, rate=RATE):
    return (peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate))[:, np.newaxis]


def noise(seconds=2.0, rms=0.1, rate=RATE, channels=1, seed=7):
    return rms * np.random.default_rng(seed).standard_normal((round(seconds * rate), channels))


def clicks(bpm, seconds=20.0, rate=RATE):
    audio = np.zeros(round(seconds * rate))
    click = np.sin(2 * np.pi * 1000 * np.arange(400) / rate) * np.exp(-np.arange(400) / 100)
    for start in (np.arange(0, seconds - 0.02, 60 / bpm) * rate).astype(int):
        audio[start : start + 400] += click
    return audio[:, np.newaxis].astype(np.float32)


def hits(seconds=8.0, hz=None, decay_s=0.04, every_s=0.5, rate=RATE, seed=3):
    """Separate decaying bursts: of noise, or of a sine at `hz`."""
    size = round(every_s * rate)
    time = np.arange(size) / rate
    body = np.sin(2 * np.pi * hz * time) if hz else np.random.default_rng(seed).standard_normal(size) * 0.3
    return np.tile(body * np.exp(-time / decay_s), round(seconds / every_s))[:, np.newaxis] * 0.8


def speech_like(seconds=40.0, rate=RATE, seed=1):
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


def voiced(seconds=40.0, rate=RATE):
    """A harmonic tone with vibrato, syllables and slow swells."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(150 * (1 + 0.3 * np.sin(2 * np.pi * 0.2 * time))) / rate
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    swell = 10 ** ((-12 + 12 * np.sin(2 * np.pi * 0.07 * time)) / 20)
    return (0.3 * tone * swell * np.sin(2 * np.pi * 2.3 * time) ** 2)[:, np.newaxis]
