"""The songs of a block become shards and a part of the table; killed anywhere in between, the next run ends the same.

What a song gives is kept apart (``spool``) until the block is complete. Where a song of a finished block is done again,
the others' samples are first taken out of the shards, so that nothing that is needed is ever in a file that is being
replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from mixrules.corpus.tasks.settings import FORMATS, SPLITS
from mixrules.corpus.tasks.shards import (
    MEL_BYTES,
    SAMPLE_BYTES,
    Row,
    read_mel_at,
    write_npz,
    write_records,
    write_tar,
)
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record
from mixrules.errors import AudioFileError

_SONGS, _SHARDS, _SAID = b"mixrules_songs", b"mixrules_shards", b"mixrules_said_of_songs"
_PARQUET_ROWS = 65_536


def spool_names(song: str) -> tuple[str, str]:
    """Return where a song's mel blocks and what is known of them are kept until its block is complete."""
    name = song_key(song)
    return f"spool/{name}.f32", f"spool/{name}.json"


def song_key(song: str) -> str:
    """Return a name of letters and digits for a song, which no other song has."""
    return hashlib.blake2b(song.encode(), digest_size=8).hexdigest()


def part_name(number: int) -> str:
    """Return the part of the table that belongs to a block."""
    return f"parts/part-{number:05d}.parquet"


@dataclass(frozen=True, slots=True)
class FinishedPart:
    """A part of the table.

    Attributes
    ----------
    rows : list of dict
        One a sample.
    songs : dict
        From a song to the key of its record.
    shards : dict
        From a shard to its samples, bytes and hash.
    """

    rows: list[Row]
    songs: dict[str, str]
    shards: dict[str, dict[str, Any]]


def read_part(number: int, place: Place, outputs: Sequence[str]) -> FinishedPart | None:
    """Return a part of the table, or None where the block has not been finished."""
    import pyarrow.parquet

    if not place.exists(part_name(number)):
        return None
    with place.reading(part_name(number)) as path:
        table = pyarrow.parquet.read_table(path)
    rows = [{**row, "target": [row[name] for name in outputs]} for row in table.to_pylist()]
    return FinishedPart(rows, msgspec.json.decode(table.schema.metadata[_SONGS]), read_shards(table))


def read_shards(part: Any) -> dict[str, dict[str, Any]]:
    """Return what the metadata of a part of the table say of its shards: samples, bytes and hash by name."""
    shards: dict[str, dict[str, Any]] = msgspec.json.decode(part.schema.metadata[_SHARDS])
    return shards


def finish(
    number: int,
    records: Sequence[Record],
    place: Place,
    *,
    outputs: Sequence[str],
    shard_format: str,
    shard_mib: float,
) -> None:
    """Write the shards of a block and its part of the table, and remove what they were made of."""
    done = {record.song: record.key for record in records if not record.reason}
    finished = read_part(number, place, outputs)
    kept_apart = {song for song in done if place.exists(spool_names(song)[1])}
    if finished is not None and finished.songs == done and not kept_apart:
        _remove_spool(records, place)
        return
    if finished is not None:
        _take_out(finished, [song for song in done if song not in kept_apart], place)
    with ExitStack() as stack:
        rows, read_mel = _open_spool(done, place, stack)
        _write(number, rows, read_mel, done, place, outputs, shard_format, shard_mib)
    present = {name for name, _ in _shards_of(number, rows, shard_format, shard_mib)}
    for name in {} if finished is None else finished.shards:
        if name not in present:
            _remove_shard(name, place)
    _remove_spool(records, place)


def _remove_spool(records: Sequence[Record], place: Place) -> None:
    for record in records:
        for name in reversed(spool_names(record.song)):  # what says that the blocks are there goes first
            place.remove(name)


def _open_spool(
    songs: Iterable[str], place: Place, stack: ExitStack
) -> tuple[list[Row], Callable[[Row], bytes]]:
    """Return the rows of some songs in order, and what reads the mel block of a row."""
    rows: list[Row] = []
    paths: dict[str, Path] = {}
    for song in songs:
        blocks, facts = spool_names(song)
        if not place.exists(facts):
            raise AudioFileError(
                f"the samples of {song} are gone from {facts}: make the task data in another folder"
            )
        with place.reading(facts) as path:
            rows += msgspec.json.decode(path.read_bytes())
        paths[song] = stack.enter_context(place.reading(blocks))
    open_file: dict[str, BinaryIO] = {}

    def read_mel(row: Row) -> bytes:
        song = row["song"]
        if song not in open_file:
            for file in open_file.values():
                file.close()
            open_file.clear()
            open_file[song] = stack.enter_context(open(paths[song], "rb"))
        open_file[song].seek(row["number"] * MEL_BYTES)
        return open_file[song].read(MEL_BYTES)

    return rows, read_mel


def _shards_of(
    number: int, rows: Sequence[Row], shard_format: str, shard_mib: float
) -> list[tuple[str, list[Row]]]:
    """Return the shards of a block, each with its rows: of one split, and not larger than said."""
    most = max(1, int(shard_mib * 2**20 / SAMPLE_BYTES))
    shards = []
    for split in SPLITS:
        inside = [row for row in rows if row["split"] == split]
        for first in range(0, len(inside), most):
            name = f"{split}/shard-{number:05d}-{first // most:03d}.{FORMATS[shard_format]}"
            shards.append((name, inside[first : first + most]))
    return shards


def _write(
    number: int,
    rows: Sequence[Row],
    read_mel: Callable[[Row], bytes],
    songs: Mapping[str, str],
    place: Place,
    outputs: Sequence[str],
    shard_format: str,
    shard_mib: float,
) -> None:
    shards = _shards_of(number, rows, shard_format, shard_mib)
    beside = [f"{name}.json" for name, _ in shards] if shard_format == "npz" else []
    names = [*(name for name, _ in shards), *beside, part_name(number)]
    write_shard = write_npz if shard_format == "npz" else write_tar
    with place.writing(*names) as paths:
        described, placed = {}, []
        for (name, inside), path in zip(shards, paths, strict=False):
            places = write_shard(path, inside, outputs, read_mel)
            placed += [{**row, "shard": name, "offset": at} for row, at in zip(inside, places, strict=True)]
            with open(path, "rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = path.stat().st_size
            described[name] = {"samples": len(inside), "bytes": size, "sha256": sha256}
        for (_, inside), path in zip(shards, paths[len(shards) : -1], strict=False):
            write_records(path, inside, outputs)
        _write_part(paths[-1], placed, outputs, songs, described)


def _write_part(
    path: Path,
    rows: Sequence[Row],
    outputs: Sequence[str],
    songs: Mapping[str, str],
    shards: Mapping[str, Any],
) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    said = {_SONGS: msgspec.json.encode(songs), _SHARDS: msgspec.json.encode(shards)}
    schema = table_schema(outputs).with_metadata(said)
    flat = [{**row, **dict(zip(outputs, row["target"], strict=True))} for row in rows]
    columns = [pa.array([row[field.name] for row in flat], field.type) for field in schema]
    table = pa.Table.from_arrays(columns, schema=schema)
    pyarrow.parquet.write_table(table, path, row_group_size=_PARQUET_ROWS)


def table_schema(outputs: Sequence[str]) -> Any:
    """Return the columns of ``samples.parquet``."""
    import pyarrow as pa

    return pa.schema(
        [
            *((name, pa.string()) for name in ("key", "song", "title", "artist", "album", "split")),
            ("copy", pa.int32()),
            ("block", pa.int32()),
            ("start_sample", pa.int64()),
            ("start_s", pa.float64()),
            ("vocal_lufs", pa.float64()),
            ("backing_lufs", pa.float64()),
            *((name, pa.float64()) for name in outputs),
            ("shard", pa.string()),
            ("offset", pa.int64()),
        ]
    )


def _take_out(finished: FinishedPart, songs: Sequence[str], place: Place) -> None:
    """Put the samples of some songs of a finished block where they were before it was."""
    for song in songs:
        rows = [row for row in finished.rows if row["song"] == song]
        if song not in finished.songs:
            continue
        with place.writing(*spool_names(song)) as (blocks, facts):
            with open(blocks, "wb") as file:
                for number, row in enumerate(rows):
                    with place.reading(row["shard"]) as shard, open(shard, "rb") as source:
                        file.write(np.ascontiguousarray(read_mel_at(source, row["offset"])).tobytes())
                    row["number"] = number
            facts.write_bytes(msgspec.json.encode(rows))


def _remove_shard(name: str, place: Place) -> None:
    place.remove(name)
    place.remove(f"{name}.json")
