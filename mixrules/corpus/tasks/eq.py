"""Task ``eq``: the gains of an equaliser that the vocal has gone through."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mixrules.analysis.bands import octave_bands
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE
from mixrules.corpus.tasks.task import Drawn, Output, PlainTask
from mixrules.processors import EqBand, EqualizerParams
from mixrules.processors.equalizer import EqualizerStream

CENTERS_HZ = octave_bands().centers_hz
MAX_GAIN_DB = 15.0
CHANGED_BANDS = 4
OUTPUTS = tuple(
    Output(name=f"gain_{center:.0f}_hz_db", unit=f"dB, gain of the octave at {center:.0f} Hz")
    for center in CENTERS_HZ
)


@dataclass(frozen=True, slots=True)
class EqTask(PlainTask):
    """The gains of nine octaves; four of them, chosen at random for a song, are not 0 dB."""

    name = "eq"
    outputs = OUTPUTS
    random = True

    def draw(self, rng: np.random.Generator, channels: int) -> Drawn:
        """Draw the gains and make the equaliser."""
        gains_db = drawn_gains_db(rng, CHANGED_BANDS)
        return Drawn((octave_equalizer(gains_db, channels),), tuple(gains_db))


def drawn_gains_db(rng: np.random.Generator, changed: int) -> list[float]:
    """Return a gain for each octave: uniform within ±15 dB for as many as said, 0 for the others."""
    gains_db = np.zeros(len(CENTERS_HZ))
    bands = rng.choice(len(CENTERS_HZ), changed, replace=False)
    gains_db[bands] = rng.uniform(-MAX_GAIN_DB, MAX_GAIN_DB, changed)
    return [float(gain) for gain in gains_db]


def octave_equalizer(gains_db: list[float], channels: int) -> EqualizerStream:
    """Return peaking filters one octave wide at the centres of the octaves."""
    bands = tuple(
        EqBand(kind="peaking", frequency_hz=center, gain_db=gain, q=math.sqrt(2.0))
        for center, gain in zip(CENTERS_HZ, gains_db, strict=True)
    )
    return EqualizerStream(SAMPLE_RATE, channels, EqualizerParams(bands=bands))
