"""Undo a mix: stems with random gains, equalisers and compressors, drawn from a seed.

Finished songs' stems are mixed already. What a rule can bring to a mix shows only on stems that are not;
so each is given a gain in ±8 dB and the equaliser and compressor of the random mixer, every draw from the seed,
and the sum of the stems as they were is the mix to come back to.
"""

from __future__ import annotations

import dataclasses
import zlib
from typing import Literal

import numpy as np

from mixrules import Stems
from mixrules.evaluation.undone import Undo, undone
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, compress, equalize

Kind = Literal["gains", "trial", "full"]
KINDS: tuple[Kind, ...] = ("gains", "trial", "full")
GAIN_DB, EQ_DB, THRESHOLD_DB, RATIO = 8.0, 15.0, (-50.0, 0.0), (1.0, 16.0)
OCTAVES_HZ = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)


def scrambled(stems: Stems, song: str, seed: int, kind: Kind) -> Stems:
    """Return the stems undone: ``gains`` only, ``trial`` (and half of the time EQ), or ``full``."""
    rng = np.random.default_rng([seed, zlib.crc32(song.encode())])
    return dataclasses.replace(
        stems,
        stems=tuple(
            dataclasses.replace(stem, audio=_undone(stem.audio, stems.sample_rate, rng, kind))
            for stem in stems
        ),
    )


def scrambled_gains(stems: Stems, song: str, within_db: float) -> Stems:
    """Return the stems at wrong faders, each within so many dB, drawn from the song's name; 0 leaves them."""
    return undone(stems, song, Undo(seed=0, within_db=within_db))


def _undone(audio: np.ndarray, rate: int, rng: np.random.Generator, kind: Kind) -> np.ndarray:
    # Everything is drawn whatever the kind, so that a seed means the same gains in each.
    gain_db = rng.uniform(-GAIN_DB, GAIN_DB)
    bands = sorted(rng.choice(OCTAVES_HZ, size=4, replace=False))
    gains_db = rng.uniform(-EQ_DB, EQ_DB, size=4)
    threshold_db, ratio = rng.uniform(*THRESHOLD_DB), rng.uniform(*RATIO)
    equalised = kind == "full" or (kind == "trial" and rng.uniform() < 0.5)
    if equalised:
        params = EqualizerParams(
            bands=tuple(
                EqBand(frequency_hz=float(hz), gain_db=float(db), q=1.0)
                for hz, db in zip(bands, gains_db, strict=True)
            )
        )
        audio = equalize(audio, rate, params)
    if kind == "full":
        audio = compress(
            audio,
            rate,
            CompressorParams(threshold_db=threshold_db, ratio=ratio, attack_ms=30.0, release_ms=150.0),
        )
    undone: np.ndarray = (audio * 10.0 ** (gain_db / 20.0)).astype(np.float32)
    return undone
