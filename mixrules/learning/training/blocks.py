"""The mel blocks of task data as training reads them: what is said of each in arrays, the blocks themselves on demand."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import as_path
from mixrules.corpus.tasks.index import INDEX
from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE
from mixrules.corpus.tasks.reading import OpenShards, TaskDataset, read_dataset
from mixrules.corpus.tasks.settings import SPLITS, TASKS
from mixrules.errors import AudioFileError
from mixrules.files.hashing import add_content

Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The mel blocks of some songs.

    Attributes
    ----------
    song_names : tuple of str
        What `songs` is an index into.
    songs, copies, numbers : ndarray of int, shape (blocks,)
        Which song each block is of, which copy of it (0 for the song as it is), and which block of the song.
    targets : ndarray of float64, shape (blocks, outputs)
        The numbers to predict.
    """

    song_names: tuple[str, ...]
    songs: Ints
    copies: Ints
    numbers: Ints
    targets: npt.NDArray[np.float64]
    _shard_names: tuple[str, ...]
    _shards: Ints
    _offsets: npt.NDArray[np.int64]
    _files: OpenShards

    def __len__(self) -> int:
        return len(self.songs)

    def mel(self, rows: Ints) -> npt.NDArray[np.float32]:
        """Read the mel blocks of rows, shape (rows, 2, 128, 64): power of backing and vocal.

        Raises
        ------
        AudioFileError
            If a shard cannot be read.
        """
        rows = rows.ravel()
        mel = np.empty((len(rows), *BLOCK_SHAPE), np.float32)
        for place in np.lexsort((self._offsets[rows], self._shards[rows])):  # in the order of the disk
            row = rows[place]
            mel[place] = self._files.read(self._shard_names[self._shards[row]], int(self._offsets[row]))
        return mel

    def batches(self, batches: list[Ints]) -> Iterator[tuple[Ints, npt.NDArray[np.float32]]]:
        """Yield the rows of each batch and their mel blocks, the next ones read while these are worked on."""
        with ThreadPoolExecutor(1) as reader:
            coming = [reader.submit(self.mel, rows) for rows in batches[:1]]
            for number, rows in enumerate(batches):
                mel = coming.pop().result()
                coming += [reader.submit(self.mel, after) for after in batches[number + 1 : number + 2]]
                yield rows, mel

    def in_order(self, size: int) -> list[Ints]:
        """Return all rows in batches of a size, in the order of the table."""
        return np.split(np.arange(len(self)), range(size, len(self), size))

    def only(self, wanted: npt.NDArray[np.bool_]) -> Blocks:
        """Return the blocks that are wanted, by an array with a truth value for each."""
        arrays = ("songs", "copies", "numbers", "targets", "_shards", "_offsets")
        return replace(self, **{name: getattr(self, name)[wanted] for name in arrays})

    @staticmethod
    def joined(parts: Sequence[Blocks]) -> Blocks:
        """Return the blocks of several splits of one data set as one, in their order."""
        songs, shards = (
            np.cumsum([0, *(len(getattr(part, names)) for part in parts)])
            for names in ("song_names", "_shard_names")
        )
        changed: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("copies", "numbers", "targets", "_offsets")
        }
        return replace(
            parts[0],
            song_names=tuple(name for part in parts for name in part.song_names),
            songs=np.concatenate([part.songs + before for part, before in zip(parts, songs, strict=False)]),
            _shard_names=tuple(name for part in parts for name in part._shard_names),
            _shards=np.concatenate(
                [part._shards + before for part, before in zip(parts, shards, strict=False)]
            ),
            **changed,
        )

    def named(self, rows: Ints) -> tuple[str, ...]:
        """Return the songs of some rows, each once."""
        return tuple(self.song_names[song] for song in dict.fromkeys(self.songs[rows].tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class TaskBlocks:
    """Task data as training reads it.

    Attributes
    ----------
    folder : Path
        Where it is.
    task : str
        What is to be predicted.
    outputs, units : tuple of str
        The numbers to predict, and their units.
    published_offset, published_scale : ndarray of float64, shape (outputs,)
        The networks of 2022 were given ``(target - offset) / scale``.
    data_hash : str
        SHA-256 of ``dataset.json``, which holds that of every shard.
    train, validation, test : Blocks
        The splits.
    """

    folder: Path
    task: str
    outputs: tuple[str, ...]
    units: tuple[str, ...]
    published_offset: npt.NDArray[np.float64]
    published_scale: npt.NDArray[np.float64]
    data_hash: str
    train: Blocks
    validation: Blocks
    test: Blocks


def read_task_blocks(folder: str | os.PathLike[str]) -> TaskBlocks:
    """Open task data for training.

    Parameters
    ----------
    folder : path-like
        What `mixrules dataset` wrote.

    Returns
    -------
    TaskBlocks

    Raises
    ------
    AudioFileError
        If it is no task data of this version, a song is in two splits, a split is empty, or a target is not finite.
    MissingPackageError
        If pyarrow is not installed.
    """
    folder = as_path(folder, name="folder")
    try:
        data = read_dataset(folder)
        task = str(data.description["task"])
        described = data.description["outputs"]
        offset, scale = (
            np.array([float(output[name]) for output in described], np.float64)
            for name in ("published_offset", "published_scale")
        )
        units = tuple(str(output["unit"]) for output in described)
        splits = {split: _split(data, split) for split in SPLITS}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, AudioFileError):
            raise
        raise AudioFileError(
            f"{folder / INDEX} does not describe task data: {type(error).__name__} {error}"
        ) from error
    if task not in TASKS:
        raise AudioFileError(f"{folder / INDEX} is of task {task!r}: there are {', '.join(TASKS)}")
    _check(folder, data.outputs, splits)
    digest = hashlib.sha256()
    add_content(digest, folder / INDEX)
    return TaskBlocks(
        folder=folder,
        task=task,
        outputs=data.outputs,
        units=units,
        published_offset=offset,
        published_scale=scale,
        data_hash=digest.hexdigest(),
        **splits,
    )


def _split(data: TaskDataset, split: str) -> Blocks:
    rows = data.rows(split)
    return Blocks(
        song_names=rows.song_names,
        songs=rows.songs.astype(np.intp),
        copies=rows.copies.astype(np.intp),
        numbers=rows.blocks.astype(np.intp),
        targets=rows.targets.astype(np.float64),
        _shard_names=rows.shard_names,
        _shards=rows.shards.astype(np.intp),
        _offsets=rows.offsets.astype(np.int64),
        _files=OpenShards(data.folder),
    )


def _check(folder: Path, outputs: tuple[str, ...], splits: dict[str, Blocks]) -> None:
    """Raise `AudioFileError` where training on the data would not mean what it should."""
    words: dict[str, Any] = {"train": "training", "validation": "validation", "test": "test"}
    seen: dict[str, str] = {}
    for split, blocks in splits.items():
        if not len(blocks):
            raise AudioFileError(
                f"{folder} has no {words[split]} songs: divide the songs anew, mixrules dataset --shares 0.8,0.1,0.1"
            )
        for name in blocks.song_names:
            if name in seen:
                raise AudioFileError(
                    f"{folder}: song {name} is a {words[seen[name]]} song and a {words[split]} song: "
                    "make the task data again"
                )
            seen[name] = split
        bad = np.argwhere(~np.isfinite(blocks.targets))
        if len(bad):
            row, output = bad[0]
            raise AudioFileError(
                f"{folder}: {outputs[output]} of song {blocks.song_names[blocks.songs[row]]}, "
                f"block {blocks.numbers[row]}, is {blocks.targets[row, output]}: finite numbers are needed"
            )
