"""Reading task data in a training loop: samples as numpy arrays, one after the other, in an order that a seed decides."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import as_path, require_known
from mixrules._support.installed import require_installed
from mixrules.corpus.tasks.index import FORMAT, INDEX, TABLE, VERSION
from mixrules.corpus.tasks.settings import SPLITS
from mixrules.corpus.tasks.shards import MEL_BYTES, read_mel_at
from mixrules.errors import AudioFileError
from mixrules.files import cannot_read, read_text

_ORDERS = ("sample", "song")


@dataclass(frozen=True, slots=True, eq=False)
class DatasetSample:
    """What a network reads and what it is to say.

    Attributes
    ----------
    mel : ndarray of float32, shape (2, 128, 64)
        Power in mel bands of the backing and of the vocal; the caller's own.
    target : ndarray of float32, shape (outputs,)
        The numbers to predict.
    song, artist : str
        Where it comes from.
    copy : int
        0 for the song as it is, else which changed copy.
    block : int
        Which block of the song.
    """

    mel: npt.NDArray[np.float32]
    target: npt.NDArray[np.float32]
    song: str
    artist: str
    copy: int
    block: int


@dataclass(frozen=True, slots=True, eq=False)
class SampleRows:
    """The samples of a split in the order of the table: where each comes from, what is to be said, and where it lies.

    Attributes
    ----------
    song_names, artist_names, shard_names : tuple of str
        What `songs`, `artists` and `shards` are indices into.
    songs, artists, shards : ndarray of int, shape (samples,)
        Of each sample.
    copies, blocks : ndarray of int, shape (samples,)
        0 for the song as it is, else which changed copy; which block of the song.
    offsets : ndarray of int, shape (samples,)
        Where its mel block begins in its shard, in bytes.
    targets : ndarray of float32, shape (samples, outputs)
        The numbers to predict.
    """

    song_names: tuple[str, ...]
    artist_names: tuple[str, ...]
    shard_names: tuple[str, ...]
    songs: npt.NDArray[np.int32]
    artists: npt.NDArray[np.int32]
    shards: npt.NDArray[np.int32]
    copies: npt.NDArray[np.int32]
    blocks: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float32]


class TaskDataset:
    """A folder of task data, opened: mel blocks are read one at a time when they are asked for.

    Parameters
    ----------
    folder : Path
        What `mixrules dataset` wrote.

    Attributes
    ----------
    description : dict
        What ``dataset.json`` holds: task, outputs, counts, statistics of the targets, constant predictors.
    outputs : tuple of str
        The names of the numbers to predict.
    mean, std : ndarray of float64, shape (outputs,)
        Of the training targets: to standardise by.
    """

    def __init__(self, folder: Path) -> None:
        import pyarrow.parquet

        self.folder = folder
        self.description = _description(folder)
        self.outputs = tuple(output["name"] for output in self.description["outputs"])
        statistics = self.description["targets"]
        self.mean, self.std = (
            np.array([statistics[name][what] for name in self.outputs], np.float64)
            for what in ("mean", "std")
        )
        columns = ["song", "artist", "split", "copy", "block", "shard", "offset", *self.outputs]
        try:
            self._table = pyarrow.parquet.read_table(folder / TABLE, columns=columns)
        except (OSError, ValueError) as error:
            raise AudioFileError(f"{folder / TABLE} cannot be read: {error}") from error

    def count(self, split: str) -> int:
        """Return how many samples a split holds."""
        return int(self.description["splits"][require_known(split, SPLITS, what="split")]["samples"])

    def targets(self, split: str) -> npt.NDArray[np.float32]:
        """Return the targets of a split in the order of the table, shape (samples, outputs); reads no mel block."""
        table = self._of_split(split)
        columns = [np.asarray(table[name], np.float32) for name in self.outputs]
        return np.stack(columns, axis=1)

    def samples(self, split: str, *, seed: int | None = None, by: str = "sample") -> Iterator[DatasetSample]:
        """Yield the samples of a split.

        Parameters
        ----------
        split : str
            ``"train"``, ``"validation"`` or ``"test"``.
        seed : int, optional
            Shuffle by it; another seed each epoch gives another order. By default the order of the table.
        by : str
            What is shuffled: every ``"sample"`` by itself, or ``"song"``: the samples of a song (of a copy of it) stay
            together in their order.

        Yields
        ------
        DatasetSample

        Raises
        ------
        ParameterError
            If there is no such split or order.
        AudioFileError
            If a shard cannot be read.
        """
        require_known(by, _ORDERS, what="order")
        rows = self.rows(split)
        open_shards = OpenShards(self.folder)
        try:
            for row in _order(rows.songs, rows.copies, seed, by):
                yield DatasetSample(
                    mel=open_shards.read(rows.shard_names[rows.shards[row]], int(rows.offsets[row])),
                    target=rows.targets[row],
                    song=rows.song_names[rows.songs[row]],
                    artist=rows.artist_names[rows.artists[row]],
                    copy=int(rows.copies[row]),
                    block=int(rows.blocks[row]),
                )
        finally:
            open_shards.close()

    def rows(self, split: str) -> SampleRows:
        """Return what the table holds of a split; reads no mel block.

        Raises
        ------
        ParameterError
            If there is no such split.
        """
        table = self._of_split(split)
        names, codes = {}, {}
        for column in ("song", "artist", "shard"):
            encoded = table[column].combine_chunks().dictionary_encode()
            names[column] = tuple(encoded.dictionary.to_pylist())
            codes[column] = np.asarray(encoded.indices)
        return SampleRows(
            song_names=names["song"],
            artist_names=names["artist"],
            shard_names=names["shard"],
            songs=codes["song"],
            artists=codes["artist"],
            shards=codes["shard"],
            copies=np.asarray(table["copy"]),
            blocks=np.asarray(table["block"]),
            offsets=np.asarray(table["offset"]),
            targets=self.targets(split),
        )

    def _of_split(self, split: str) -> Any:
        import pyarrow.compute

        require_known(split, SPLITS, what="split")
        return self._table.filter(pyarrow.compute.equal(self._table["split"], split))


def read_dataset(folder: str | os.PathLike[str]) -> TaskDataset:
    """Open a folder of task data.

    Parameters
    ----------
    folder : path-like
        What `mixrules dataset` wrote.

    Returns
    -------
    TaskDataset

    Raises
    ------
    AudioFileError
        If it holds no task data of this version.
    MissingPackageError
        If pyarrow is not installed.
    """
    require_installed("pyarrow", what="reading task data")
    return TaskDataset(as_path(folder, name="folder"))


def _description(folder: Path) -> dict[str, Any]:
    path = folder / INDEX
    if not path.exists():
        raise AudioFileError(f"{path} does not exist: mixrules dataset writes it once all songs are done")
    try:
        description: dict[str, Any] = msgspec.json.decode(read_text(path), type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise AudioFileError(f"{path} does not describe task data: {error}") from error
    if (description.get("format"), description.get("format_version")) != (FORMAT, VERSION):
        found = f"{description.get('format')} {description.get('format_version')}"
        raise AudioFileError(f"{path} is of format {found}, {FORMAT} {VERSION} is needed: make it again")
    return description


def _order(
    songs: npt.NDArray[np.int32], copies: npt.NDArray[np.int32], seed: int | None, by: str
) -> npt.NDArray[np.int64]:
    """Return the order of the rows."""
    rows = np.arange(len(songs))
    if seed is None:
        return rows
    rng = np.random.default_rng(seed)
    if by == "sample":
        return rng.permutation(rows)
    starts = (
        np.flatnonzero(np.r_[True, (np.diff(songs) != 0) | (np.diff(copies) != 0)]) if len(rows) else rows
    )
    groups = np.split(rows, starts[1:])
    return np.concatenate([groups[i] for i in rng.permutation(len(groups))]) if len(rows) else rows


class OpenShards:
    """Shards of a folder of task data; some of them are kept open.

    Parameters
    ----------
    folder : Path
        The task data.
    """

    _MOST = 64

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}

    def read(self, shard: str, place: int) -> npt.NDArray[np.float32]:
        """Return the mel block that begins at a place of a shard.

        Raises
        ------
        AudioFileError
            If it cannot be read.
        """
        path = self._folder / shard
        try:
            if shard not in self._files:
                if len(self._files) >= self._MOST:
                    self._files.pop(next(iter(self._files))).close()
                self._files[shard] = open(path, "rb")  # noqa: SIM115, closed by `close`
            file = self._files[shard]
            if place + MEL_BYTES > os.fstat(file.fileno()).st_size:
                raise AudioFileError(f"{path} ends before the sample at {place}: make the task data again")
            return read_mel_at(file, place)
        except AudioFileError:
            raise
        except OSError as error:
            raise cannot_read(path, error) from error

    def close(self) -> None:
        """Close the shards; reading opens them again."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def __del__(self) -> None:
        self.close()
