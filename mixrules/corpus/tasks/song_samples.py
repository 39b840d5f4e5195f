"""The samples of one song: mel blocks and targets, block after block, in memory that does not grow with its length."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from mixrules.corpus.tasks.augmentation import Augmentation
from mixrules.corpus.tasks.mel_blocks import HOP_SAMPLES, SAMPLE_RATE
from mixrules.corpus.tasks.seeds import generator
from mixrules.corpus.tasks.settings import DatasetSettings
from mixrules.corpus.tasks.song_signals import SongSignals
from mixrules.corpus.tasks.song_snippets import snippets_of
from mixrules.corpus.tasks.task import Audio, Snippet, SongMeasures, Target, Task
from mixrules.loudness import (
    EnergyStream,
    integrated_from_energies,
    loudness_range_from_energies,
    resolve_weights,
)

_RANGE_HOP_S = 0.1  # as the ground truth measures it

SILENT, UNDEFINED, OUTSIDE = "vocal silent", "target not defined", "outside the limits"


@dataclass(slots=True)
class SongSamples:
    """What became of one song.

    Attributes
    ----------
    rows : list of dict
        One a sample: copy, block, start, loudness, target, and its number in the file of blocks.
    left_out : Counter
        Snippets that gave no sample, by reason.
    level_lu : float
        Vocal against backing of the song as it is, before anything was done to it; NaN where it is not defined.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    level_lu: float = math.nan


def write_samples(
    song: str, signals: SongSignals, task: Task, settings: DatasetSettings, copies: int, blocks: BinaryIO
) -> SongSamples:
    """Write the mel blocks of a song and of its copies to a file, one after the other; return what is known of them.

    Parameters
    ----------
    song : str
        Its name, on which the draws depend.
    signals : SongSignals
        Vocal and backing.
    task : Task
        What is to be predicted.
    settings : DatasetSettings
        The rest.
    copies : int
        Changed copies besides the song as it is.
    blocks : file
        Open for writing.
    """
    found = SongSamples()
    number = 0
    audible: set[int] = set()
    for copy in range(1 + copies):
        rows, of_song = [], []
        player = _Copy(song, signals, task, settings, copy)
        for block, snippet, target in player.snippets():
            if copy == 0 and (math.isfinite(snippet.vocal_lufs) or not task.needs_vocal):
                audible.add(block)
            if block not in audible or (task.needs_vocal and not math.isfinite(snippet.vocal_lufs)):
                found.left_out[SILENT] += 1
                continue
            blocks.write(np.ascontiguousarray(snippet.mel, np.float32).tobytes())
            rows.append(_row(copy, block, settings, snippet, number))
            of_song.append(target)
            number += 1
        measures = player.measures()
        if copy == 0:
            found.level_lu = player.vocal_before_lufs() - measures.backing_lufs
        for row, own in zip(rows, of_song, strict=True):
            target = own if own is not None else player.target(measures)
            why = _why_left_out(target, settings)
            if why:
                found.left_out[why] += 1
            else:
                found.rows.append({**row, "target": list(target)})
    return found


def _row(copy: int, block: int, settings: DatasetSettings, snippet: Snippet, number: int) -> dict[str, Any]:
    start = block * settings.block_hop * HOP_SAMPLES
    return {
        "copy": copy,
        "block": block,
        "start_sample": start,
        "start_s": start / SAMPLE_RATE,
        "vocal_lufs": _or_none(snippet.vocal_lufs),
        "backing_lufs": _or_none(snippet.backing_lufs),
        "number": number,
    }


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _why_left_out(target: Target, settings: DatasetSettings) -> str:
    if not all(math.isfinite(value) for value in target):
        return UNDEFINED
    if settings.limits_lu is not None and not settings.limits_lu[0] <= target[0] <= settings.limits_lu[1]:
        return OUTSIDE
    return ""


class _Copy:
    """A song as it is (copy 0), or changed by chance, from its beginning to its end."""

    def __init__(
        self, song: str, signals: SongSignals, task: Task, settings: DatasetSettings, copy: int
    ) -> None:
        self._key = (settings.seed, song, copy)
        self._signals, self._task = signals, task
        self._hop_frames = settings.block_hop
        self._drawn = task.draw(generator(*self._key, "task"), signals.channels)
        names = settings.augment if copy else ()
        self._augmentation = Augmentation(names, (*self._key, "augmentation"), signals.channels)
        weights = resolve_weights(None, signals.channels)
        self._energies = EnergyStream(SAMPLE_RATE, weights), EnergyStream(SAMPLE_RATE, weights)
        self._before = EnergyStream(SAMPLE_RATE, weights)

    def snippets(self) -> Iterator[tuple[int, Snippet, Target | None]]:
        """Yield every whole snippet with its number, and its target where the snippet decides it."""
        snippets = snippets_of(self._segments(), self._signals.channels, self._hop_frames)
        for block, snippet in enumerate(snippets):
            yield block, *self._task.in_snippet(snippet, generator(*self._key, "snippet", block))

    def _segments(self) -> Iterator[tuple[Audio, Audio]]:
        """Yield backing and vocal, after everything that is done to them; measure them."""
        for vocal, backing in self._augmentation.segments(self._signals):
            self._before.update(vocal)
            stages = (
                *self._augmentation.vocal_stages,
                *self._drawn.stages,
                *self._augmentation.vocal_last,
            )
            for stage in stages:
                vocal = stage.process(vocal)
            for stage in (*self._augmentation.backing_stages, *self._augmentation.backing_last):
                backing = stage.process(backing)
            for stream, audio in zip(self._energies, (backing, vocal), strict=True):
                stream.update(audio)
            yield backing, vocal

    def measures(self) -> SongMeasures:
        """Return what the whole measures, once all of it has been gone through."""
        backing, vocal = (stream.block_energies() for stream in self._energies)
        return SongMeasures(
            vocal_lufs=integrated_from_energies(vocal),
            backing_lufs=integrated_from_energies(backing),
            vocal_range_lu=loudness_range_from_energies(vocal, _RANGE_HOP_S),
        )

    def vocal_before_lufs(self) -> float:
        """Return the loudness of the vocal before the task has changed it."""
        return integrated_from_energies(self._before.block_energies())

    def target(self, measures: SongMeasures) -> Target:
        """Return the target that all snippets share."""
        of_song = self._task.of_song(measures)
        target = self._drawn.target if of_song is None else of_song
        return (math.nan,) if target is None else target
