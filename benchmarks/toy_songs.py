"""Songs that anyone can make: stems of noise, each with a spectrum and an envelope of its own, from a seed.

No one would sing along. What matters is that songs differ in spectrum, tempo and level, as those of a data set do, so
that a network that is tested on other songs than it was trained on has to have understood something.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

Audio = npt.NDArray[np.float64]

SAMPLE_RATE = 44_100
STEMS = ("vocals", "bass", "drums", "other")
_OCTAVES_HZ = 20.0 * 2.0 ** np.arange(11)
_SLOPES_DB = (-5.0, 0.0)  # an octave
_SPREAD_DB = 2.5  # of the octaves about the slope
_BEATS_S = (0.25, 0.6)
_BEATS_DB = 2.5  # how much levels of beats differ
_LEVELS_DBFS = (-32.0, -22.0)


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
    """Return the stems of a song, mono, in one tempo."""
    beat_s = float(rng.uniform(*_BEATS_S))
    return {name: _stem(rng, round(seconds * SAMPLE_RATE), beat_s) for name in STEMS}


def _stem(rng: np.random.Generator, samples: int, beat_s: float) -> Audio:
    """Return noise whose level changes from beat to beat and from octave to octave."""
    octaves_db = rng.uniform(*_SLOPES_DB) * np.arange(len(_OCTAVES_HZ)) + rng.normal(
        0.0, _SPREAD_DB, len(_OCTAVES_HZ)
    )
    bins_hz = np.fft.rfftfreq(samples, 1.0 / SAMPLE_RATE)
    filter_db = np.interp(np.log2(np.maximum(bins_hz, 1.0)), np.log2(_OCTAVES_HZ), octaves_db)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(samples)) * _gain(filter_db), samples)
    beats = np.arange(samples) / (beat_s * SAMPLE_RATE)
    levels_db = rng.normal(0.0, _BEATS_DB, int(beats[-1]) + 2)
    noise = noise * _gain(np.interp(beats, np.arange(len(levels_db)), levels_db))
    stem: Audio = noise / np.sqrt(np.mean(np.square(noise))) * _gain(rng.uniform(*_LEVELS_DBFS))
    return stem


def _gain(db: npt.ArrayLike) -> Audio:
    return np.asarray(10.0 ** (np.asarray(db) / 20.0))
