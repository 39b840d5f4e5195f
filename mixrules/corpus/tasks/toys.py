"""Tasks whose answer a network must find before any claim about songs: it can be read off the mel block."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from mixrules.corpus.tasks.eq import OUTPUTS, drawn_gains_db, octave_equalizer
from mixrules.corpus.tasks.mel_blocks import FFT_SAMPLES, SNIPPET_SAMPLES, mel_frames
from mixrules.corpus.tasks.task import Output, PlainTask, Snippet, Target
from mixrules.processors import db_to_gain

TOY_LEVELS_DB = (-10.0, 10.0)
_NOISE_DBFS = (-40.0, -20.0)
_RING_SAMPLES = 4096  # what the filter at 63 Hz takes to settle


@dataclass(frozen=True, slots=True)
class ToyLevelTask(PlainTask):
    """A vocal moved by a known gain: brought to the power of the backing's mel block, then -10 to 10 dB from it."""

    name = "toy-level"
    outputs: tuple[Output, ...] = (
        Output(name="vocal_gain_db", unit="dB, power of the vocal's mel block over that of the backing's"),
    )
    random = True

    def in_snippet(self, snippet: Snippet, rng: np.random.Generator) -> tuple[Snippet, Target | None]:
        """Move the vocal of a snippet; a gain multiplies the power of its mel block."""
        gain_db = float(rng.uniform(*TOY_LEVELS_DB))
        backing, vocal = (float(power) for power in snippet.mel.sum(axis=(1, 2), dtype=np.float64))
        if not (backing > 0.0 and vocal > 0.0):
            return snippet, (math.nan,)
        moved_db = 10.0 * math.log10(backing / vocal) + gain_db
        mel = snippet.mel.copy()
        mel[1] *= np.float32(10.0 ** (moved_db / 10.0))
        return dataclasses.replace(snippet, mel=mel, vocal_lufs=snippet.vocal_lufs + moved_db), (gain_db,)


@dataclass(frozen=True, slots=True)
class ToyEqTask(PlainTask):
    """White noise in place of the vocal, one octave of it changed by -15 to 15 dB."""

    name = "toy-eq"
    outputs: tuple[Output, ...] = OUTPUTS
    needs_vocal = False
    random = True

    def in_snippet(self, snippet: Snippet, rng: np.random.Generator) -> tuple[Snippet, Target | None]:
        """Put noise through the equaliser and into the vocal's place."""
        from mixrules.loudness import integrated_loudness

        gains_db = drawn_gains_db(rng, 1)
        level = db_to_gain(float(rng.uniform(*_NOISE_DBFS)))
        samples = _RING_SAMPLES + SNIPPET_SAMPLES
        noise = (level * rng.standard_normal((samples, 1))).astype(np.float32)
        noise = octave_equalizer(gains_db, 1).process(noise)[_RING_SAMPLES - FFT_SAMPLES // 2 :]
        mel = np.stack([snippet.mel[0], mel_frames(noise[:, 0].astype(np.float64)).T])
        lufs = integrated_loudness(noise[FFT_SAMPLES // 2 :], 44_100)
        return dataclasses.replace(snippet, mel=mel, vocal_lufs=lufs), tuple(gains_db)
