"""Vocal and backing made of arrays, and the samples of them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE
from mixrules.corpus.tasks.settings import DatasetSettings, make_task
from mixrules.corpus.tasks.song_samples import SongSamples, write_samples
from mixrules.corpus.tasks.song_signals import SongSignals
from mixrules.stems.stem import Stem

Audio = npt.NDArray[np.float32]


def signals_of(vocal: npt.ArrayLike, backing: npt.ArrayLike) -> SongSignals:
    stems = []
    for name, audio in (("vocals", vocal), ("bass", backing)):
        array = np.asarray(audio, np.float32)
        stems.append(Stem(name, array if array.ndim == 2 else array[:, np.newaxis]))
    return SongSignals((stems[0],), (stems[1],), stems[0].samples, stems[0].channels)


def noise_song(
    rng: np.random.Generator, snippets: float, *, channels: int = 1, vocal_db: float = -6.0
) -> SongSignals:
    """A song of noise: low-pass for the backing, high-pass for the vocal."""
    backing, vocal = 0.1 * rng.standard_normal((2, round(snippets * 65_536), channels))
    backing[1:] += backing[:-1]
    vocal[1:] -= vocal[:-1]
    return signals_of(10.0 ** (vocal_db / 20.0) * vocal, backing)


def samples_of(
    signals: SongSignals, *, song: str = "song", copies: int = 0, **changes: Any
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64], SongSamples]:
    """Return mel blocks, targets and what else is known of the samples of a song."""
    settings = DatasetSettings(**changes, copies=copies)
    file = io.BytesIO()
    found = write_samples(song, signals, make_task(settings), settings, copies, file)
    blocks = np.frombuffer(file.getvalue(), np.float32).reshape(-1, *BLOCK_SHAPE)
    mels = blocks[[row["number"] for row in found.rows]]
    return mels, np.array([row["target"] for row in found.rows], np.float64), found
