"""Making task data of ground truth and the audio it came from."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mixrules.corpus.extraction import VERSION as TRUTH_VERSION
from mixrules.corpus.extraction import read_truth
from mixrules.corpus.tasks.augmentation import require_augmentations
from mixrules.corpus.tasks.chosen_songs import find_songs_again, read_songs
from mixrules.corpus.tasks.index import gather, write_index
from mixrules.corpus.tasks.making import DatasetMaking
from mixrules.corpus.tasks.mel_blocks import HOP_SAMPLES, SAMPLE_RATE
from mixrules.corpus.tasks.same_songs import SongFacts
from mixrules.corpus.tasks.settings import DatasetSettings, make_task
from mixrules.corpus.tasks.shards import SAMPLE_BYTES
from mixrules.corpus.tasks.splits import Division, divide
from mixrules.corpus.work.pace import Progress
from mixrules.corpus.work.place import open_place
from mixrules.corpus.work.run import RunSummary, run_songs
from mixrules.corpus.work.workers import Workers

_MOST_SONGS_IN_BLOCK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDataset:
    """How the making of task data went.

    Attributes
    ----------
    summary : RunSummary
        Songs done, kept and failed.
    description : dict
        What ``dataset.json`` holds.
    other_audio : tuple of str
        Songs whose level is another than the ground truth says: their audio has changed since.
    """

    summary: RunSummary
    description: dict[str, Any]
    other_audio: tuple[str, ...]


def make_dataset(
    truth: str | os.PathLike[str],
    output: str | Path,
    settings: DatasetSettings,
    *,
    songs: str | os.PathLike[str] | None = None,
    workers: Workers | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> MadeDataset:
    """Make what a training loop reads; what a killed run has finished is kept.

    Parameters
    ----------
    truth : path-like
        A folder of ground truth: its songs, artists and official splits.
    output : path-like
        The folder of the task data.
    settings : DatasetSettings
        The task, the splits and the rest.
    songs : path-like, optional
        The data set's folder, where it is not any more where the ground truth was extracted.
    workers : Workers, optional
        Who does it; by default this process.
    retry_failed : bool
        Do songs again that failed in an earlier run.
    progress : callable, optional
        Told what is done.

    Returns
    -------
    MadeDataset

    Raises
    ------
    AudioFileError
        If the ground truth cannot be read, or the audio is not where it was.
    ParameterError
        If there are too few songs, a song or artist would be in two splits, or the folder holds something else.
    MissingPackageError
        If a package that is needed is not installed.
    """
    if settings.augment:
        require_augmentations()
    tables = read_truth(truth)
    task = make_task(settings)
    usable, left_out = read_songs(tables, needs_vocal=task.needs_vocal)
    division = divide(usable, settings)
    division.left_out.update(left_out)
    catalogue = find_songs_again(tables, None if songs is None else Path(songs), division.splits)
    in_block = _songs_in_block(usable, division, settings)
    work = DatasetMaking(dataset=settings, division=_hash(division.splits), songs_in_block=in_block)
    summary = run_songs(
        work, catalogue, output, workers=workers, retry_failed=retry_failed, progress=progress
    )
    place = open_place(output)
    blocks = math.ceil(len(division.splits) / in_block)
    gathered = gather(place, blocks, [output.name for output in task.outputs])
    origin = {"layout": tables.run.layout, "version": tables.run.version, "format_version": TRUTH_VERSION}
    description = write_index(place, gathered, settings, task.outputs, division, summary.failed, origin)
    return MadeDataset(
        summary=summary, description=description, other_audio=tuple(gathered.other_than(usable))
    )


def _songs_in_block(songs: Sequence[SongFacts], division: Division, settings: DatasetSettings) -> int:
    """Return how many songs fill a shard."""
    total = 0.0
    for song in songs:
        split = division.splits.get(song.song)
        copies = 0 if split is None else 1 + (settings.copies if split == "train" else 0)
        step_s = settings.block_hop * HOP_SAMPLES / SAMPLE_RATE
        total += copies * math.ceil(song.duration_s / step_s) * SAMPLE_BYTES
    mean = total / len(division.splits)
    return min(_MOST_SONGS_IN_BLOCK, max(1, int(settings.shard_mib * 2**20 / mean)))


def _hash(splits: Mapping[str, str]) -> str:
    return hashlib.blake2b(msgspec.json.encode(sorted(splits.items())), digest_size=16).hexdigest()
