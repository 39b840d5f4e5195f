"""Shards: files of bounded size that hold many samples, the same bytes for the same samples.

``webdataset``: a tar with ``KEY.mel.npy`` and ``KEY.json`` a sample, as the package webdataset reads them. ``npz``: the
arrays of all samples, and their records as JSON beside it. In both the numbers of a mel block lie together as they are in
memory, so that one is read by its place in the file alone.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE

MEL_BYTES = 4 * int(np.prod(BLOCK_SHAPE))
SAMPLE_BYTES = MEL_BYTES + 4 * 512
"""What a sample takes in a shard, with what is said of it, rounded up."""

_TYPE = np.dtype("<f4")
_RECORD = ("song", "title", "artist", "album", "split", "copy", "block", "start_sample", "start_s")
_LEVELS = ("vocal_lufs", "backing_lufs")

Row = dict[str, Any]
ReadMel = Callable[[Row], bytes]


def record_of(row: Row, outputs: Sequence[str]) -> Row:
    """Return what stands beside a mel block."""
    target = dict(zip(outputs, row["target"], strict=True))
    return {name: row[name] for name in (*_RECORD, *_LEVELS)} | {"target": target}


def write_tar(path: Path, rows: Sequence[Row], outputs: Sequence[str], read_mel: ReadMel) -> list[int]:
    """Write a shard for webdataset; return where the mel block of each sample begins, in bytes."""
    header = _npy_header(BLOCK_SHAPE)
    places = []
    with open(path, "wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for row in rows:
            places.append(tar.offset + tarfile.BLOCKSIZE + len(header))
            _add(tar, f"{row['key']}.mel.npy", header + read_mel(row))
            _add(tar, f"{row['key']}.json", msgspec.json.encode(record_of(row, outputs)))
    return places


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)  # of no user and of no time, so that equal samples make equal files
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def write_npz(path: Path, rows: Sequence[Row], outputs: Sequence[str], read_mel: ReadMel) -> list[int]:
    """Write a shard as arrays; return where the mel block of each sample begins, in bytes."""
    columns: dict[str, npt.NDArray[Any]] = {
        "target": np.array([row["target"] for row in rows], _TYPE).reshape(len(rows), len(outputs)),
        "outputs": np.array(outputs),
        "copy": np.array([row["copy"] for row in rows], np.int32),
        "block": np.array([row["block"] for row in rows], np.int32),
    }
    for name in ("key", "song", "artist", "split"):
        columns[name] = np.array([row[name] for row in rows], np.str_)
    with open(path, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        with _member(archive, "mel") as array:
            header = _npy_header((len(rows), *BLOCK_SHAPE))
            array.write(header)
            first = file.tell()
            for row in rows:
                array.write(read_mel(row))
        for name, values in columns.items():
            with _member(archive, name) as array:
                np.lib.format.write_array(array, values, allow_pickle=False)
    return [first + number * MEL_BYTES for number in range(len(rows))]


def write_records(path: Path, rows: Sequence[Row], outputs: Sequence[str]) -> None:
    """Write what stands beside the arrays of a shard, a list with one entry a sample."""
    records = [{"key": row["key"], **record_of(row, outputs)} for row in rows]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n")


def read_mel_at(file: BinaryIO, place: int) -> npt.NDArray[np.float32]:
    """Return the mel block that begins at a place in an open shard."""
    file.seek(place)
    block = np.frombuffer(file.read(MEL_BYTES), _TYPE).reshape(BLOCK_SHAPE)
    return block.astype(np.float32)  # a copy, which may be written to


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    return archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True)


def _npy_header(shape: tuple[int, ...]) -> bytes:
    header = io.BytesIO()
    described = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, described)
    return header.getvalue()
