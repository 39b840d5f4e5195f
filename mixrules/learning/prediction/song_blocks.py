"""The mel blocks of a song as a network reads them: those that task data of the same song would hold, unchanged."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_instance, require_known
from mixrules.corpus.tasks.augmentation import SEGMENT_SAMPLES
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE, SNIPPET_SAMPLES
from mixrules.corpus.tasks.settings import TASKS
from mixrules.corpus.tasks.song_signals import SongSignals, open_signals, signals_of
from mixrules.corpus.tasks.song_snippets import snippets_of
from mixrules.corpus.tasks.task import Audio, Snippet
from mixrules.stems import Stems
from mixrules.stems.resampling import stems_at
from mixrules.stems.roles.families import VOICES
from mixrules.stems.song_description import SongDescription

_BATCH = 32  # blocks: 2 MiB
_NEED_BACKING = ("level",)  # their target is not defined where the backing is silent


@dataclass(frozen=True, slots=True, eq=False)
class MelBatch:
    """Some mel blocks of a song, one after the other.

    Attributes
    ----------
    starts_s : ndarray of float64, shape (blocks,)
        Where each begins in the song, in seconds.
    mel : ndarray of float32, shape (blocks, 2, 128, 64)
        Power in mel bands of the backing and of the vocal.
    backing_silent : ndarray of bool, shape (blocks,)
        Whether the backing is silent in it: nothing of it is above -70 LUFS.
    """

    starts_s: npt.NDArray[np.float64]
    mel: npt.NDArray[np.float32]
    backing_silent: npt.NDArray[np.bool_]

    def of_task(self, task: str) -> MelBatch:
        """Return the blocks that data of a task would hold: without a silent backing for task ``level``, else all.

        Raises
        ------
        ParameterError
            If there is no such task.
        """
        if require_known(task, TASKS, what="task") not in _NEED_BACKING or not self.backing_silent.any():
            return self
        kept = ~self.backing_silent
        return MelBatch(self.starts_s[kept], self.mel[kept], self.backing_silent[kept])


def mel_blocks_of(song: SongDescription | Stems) -> Iterator[MelBatch]:
    """Yield the mel blocks of a song in order, without those whose vocal is silent; memory does not grow with its length.

    Parameters
    ----------
    song : SongDescription or Stems
        Stems of another rate than 44.1 kHz are resampled; those whose role is a lead or backing vocal are the vocal.

    Yields
    ------
    MelBatch
        At most 32 blocks. There are none at all where the vocal is silent in each snippet.

    Raises
    ------
    AudioFileError
        If a file cannot be read.
    StemsError
        If the song is shorter than a block (1.49 s), or has no vocal or no backing.
    """
    require_instance(song, (SongDescription, Stems), name="song")
    if isinstance(song, Stems):
        stems = stems_at(song, SAMPLE_RATE)
        signals = signals_of(stems, lambda _, role: role in VOICES, needs_vocal=True)
    else:
        signals = open_signals(song, needs_vocal=True)
    return _batches(signals)


def _batches(signals: SongSignals) -> Iterator[MelBatch]:
    waiting: list[tuple[float, Snippet]] = []
    for number, snippet in enumerate(snippets_of(_segments(signals), signals.channels)):
        if math.isfinite(snippet.vocal_lufs):
            waiting.append((number * SNIPPET_SAMPLES / SAMPLE_RATE, snippet))
        if len(waiting) == _BATCH:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)


def _segments(signals: SongSignals) -> Iterator[tuple[Audio, Audio]]:
    for start in range(0, signals.samples, SEGMENT_SAMPLES):
        vocal, backing = signals.read(start, min(start + SEGMENT_SAMPLES, signals.samples))
        yield backing, vocal


def _batch(snippets: list[tuple[float, Snippet]]) -> MelBatch:
    return MelBatch(
        np.array([start_s for start_s, _ in snippets]),
        np.stack([snippet.mel for _, snippet in snippets]),
        np.array([not math.isfinite(snippet.backing_lufs) for _, snippet in snippets]),
    )
