"""Songs that anyone can make: a seeded voice of harmonics, with drums, a bass and chords behind it, each in its own way.

No one would sing along. What matters is that songs differ, in tempo, key, timbre and level, as those of a data set do, so
that a network that is tested on other songs than it was trained on has to have understood something.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

Audio = npt.NDArray[np.float64]

SAMPLE_RATE = 44_100
_TABLE = 8192
_SCALE = np.array([0, 2, 3, 5, 7, 8, 10])  # semitones: natural minor


def write_songs(folder: Path, count: int, seconds: float, *, seed: int = 0) -> Path:
    """Write folders of stems, `song 000` and so on; what is there stays. Return the folder."""
    for number in range(count):
        home = folder / f"song {number:03d}"
        if not home.exists():
            home.mkdir(parents=True)
            for name, audio in song(np.random.default_rng([seed, number]), seconds).items():
                soundfile.write(home / f"{name}.wav", audio, SAMPLE_RATE)
    return folder


def song(rng: np.random.Generator, seconds: float) -> dict[str, Audio]:
    """Return the stems of a song, mono, each with its own level."""
    samples = round(seconds * SAMPLE_RATE)
    beat = round(60.0 / rng.uniform(70.0, 150.0) * SAMPLE_RATE)
    root_hz = 55.0 * 2.0 ** rng.uniform(0.0, 1.0)
    since_s = (np.arange(samples) % beat) / SAMPLE_RATE
    number = np.arange(samples) // beat
    degrees = rng.integers(0, 7, number[-1] // 4 + 1)[number // 4]  # of a bar
    bass_hz = root_hz * 2.0 ** (_SCALE[degrees] / 12.0)
    melody = _SCALE[(degrees + 2 * rng.integers(0, 4, number[-1] + 1)[number]) % 7]
    vibrato = 1.0 + 0.01 * np.sin(2.0 * np.pi * rng.uniform(4.0, 7.0) * np.arange(samples) / SAMPLE_RATE)
    sung = np.repeat(rng.random(number[-1] + 1) < 0.85, beat)[:samples]
    parts = {
        "drums": _drums(rng, since_s, number),
        "bass": _tone(rng, bass_hz, 8) * np.exp(-rng.uniform(1.0, 6.0) * since_s),
        "chords": sum(_tone(rng, 4.0 * bass_hz * 2.0 ** (third / 12.0), 12) for third in (0, 3, 7)),
        "vocals": _tone(rng, 4.0 * root_hz * 2.0 ** (melody / 12.0) * vibrato, 30)
        * _attack(since_s, beat)
        * sung,
    }
    return {name: _recorded(rng, part) for name, part in parts.items()}


def _recorded(rng: np.random.Generator, part: Audio) -> Audio:
    """Return a part at a level of its own, with noise 15 to 25 dB below it, as of breath, strings and a room."""
    noise = rng.standard_normal(len(part)) * np.sqrt(np.mean(np.square(part))) * _gain(rng, -25.0, -15.0)
    noisy = part + noise
    recorded: Audio = noisy / np.sqrt(np.mean(np.square(noisy))) * _gain(rng, -32.0, -22.0)
    return recorded


def _gain(rng: np.random.Generator, low_db: float, high_db: float) -> float:
    return float(10.0 ** (rng.uniform(low_db, high_db) / 20.0))


def _tone(rng: np.random.Generator, hz: Audio, harmonics: int) -> Audio:
    """Return harmonics of a fundamental, their levels falling, with two formants of its own, from a table of a period."""
    centers, slope = rng.uniform(300.0, 4000.0, 2), rng.uniform(0.8, 2.0)
    mean_hz = float(np.mean(hz))
    period = np.arange(_TABLE) / _TABLE
    table = np.zeros(_TABLE)
    for harmonic in range(1, min(harmonics, int(16_000.0 / mean_hz)) + 1):
        octaves = np.log2(harmonic * mean_hz / centers)
        level = harmonic**-slope * (1.0 + 4.0 * np.exp(-8.0 * np.square(octaves)).sum())
        table += level * np.sin(2.0 * np.pi * (harmonic * period + rng.random()))
    phase = np.cumsum(hz) / SAMPLE_RATE
    return table[(phase % 1.0 * _TABLE).astype(np.intp)]


def _drums(rng: np.random.Generator, since_s: Audio, number: npt.NDArray[np.int64]) -> Audio:
    noise = rng.standard_normal(len(since_s))
    kick = np.sin(2.0 * np.pi * rng.uniform(45.0, 70.0) * since_s) * np.exp(
        -rng.uniform(10.0, 25.0) * since_s
    )
    snare = noise * np.exp(-rng.uniform(10.0, 30.0) * since_s)
    return np.where(number % 2 == 0, kick, rng.uniform(0.2, 0.8) * snare)


def _attack(since_s: Audio, beat: int) -> Audio:
    """Return the envelope of a note: it begins within 20 ms and fades towards the next."""
    return np.minimum(since_s / 0.02, 1.0) * (1.0 - 0.7 * since_s * SAMPLE_RATE / beat)
