"""The songs of a block become shards and a part of the table; killed anywhere in between, the next run ends the same.

Where a song of a finished block is done again, the others' samples are first taken out of the shards, so that nothing
that is needed is ever in a file that is being replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mixrules.corpus.tasks.settings import FORMATS, SPLITS, DatasetSettings
from mixrules.corpus.tasks.shards import SAMPLE_BYTES, Row, write_npz, write_records, write_tar
from mixrules.corpus.tasks.spool import Spool, is_spooled, remove_spool, spool_again
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record

_SONGS, _SHARDS = b"mixrules_songs", b"mixrules_shards"
_PARQUET_ROWS = 65_536


def part_name(number: int) -> str:
    """Return the part of the table that belongs to a block."""
    return f"parts/part-{number:05d}.parquet"


@dataclass(frozen=True, slots=True)
class FinishedPart:
    """A part of the table.

    Attributes
    ----------
    table : pyarrow.Table
        One row a sample.
    songs : dict
        From a song to the key and the values of its record.
    shards : dict
        From a shard to its samples, bytes and hash.
    """

    table: Any
    songs: dict[str, dict[str, Any]]
    shards: dict[str, dict[str, Any]]


def read_part(number: int, place: Place) -> FinishedPart | None:
    """Return a part of the table, or None where the block has not been finished."""
    import pyarrow.parquet

    if not place.exists(part_name(number)):
        return None
    with place.reading(part_name(number)) as path:
        table = pyarrow.parquet.read_table(path, partitioning=None)
    said = table.schema.metadata
    return FinishedPart(table, msgspec.json.decode(said[_SONGS]), msgspec.json.decode(said[_SHARDS]))


def finish(
    number: int,
    records: Sequence[Record],
    place: Place,
    settings: DatasetSettings,
    outputs: Sequence[str],
) -> tuple[str, ...]:
    """Write the shards of a block and its part of the table, and remove what they were made of.

    Parameters
    ----------
    number : int
        Which block.
    records : sequence of Record
        Its songs in order.
    place : Place
        The folder of results.
    settings : DatasetSettings
        Format and size of the shards.
    outputs : sequence of str
        The numbers to predict.

    Returns
    -------
    tuple of str
        The files that hold the block.
    """
    done = {record.song: {"key": record.key, **record.values} for record in records if not record.reason}
    spooled = [song for song in done if is_spooled(song, place)]
    finished = read_part(number, place)
    if finished is None or spooled or finished.songs != done:
        if finished is not None:
            rows = [{**row, "target": [row[name] for name in outputs]} for row in finished.table.to_pylist()]
            again = [song for song in done if song not in spooled and song in finished.songs]
            spool_again(again, rows, place)
        with ExitStack() as stack:
            spool = Spool(done, place, stack)
            shards = _shards_of(number, spool.rows, settings)
            _write(number, shards, spool, done, place, settings, outputs)
        _remove_further_shards(number, shards, place, settings)
        names = tuple(shards)
    else:
        names = tuple(finished.shards)
    remove_spool([record.song for record in records], place)
    return (*names, *_beside(names, settings), part_name(number))


def _beside(shards: Iterable[str], settings: DatasetSettings) -> list[str]:
    """Return the files that stand beside shards."""
    return [f"{name}.json" for name in shards] if settings.format == "npz" else []


def _shard_name(split: str, number: int, part: int, settings: DatasetSettings) -> str:
    return f"{split}/shard-{number:05d}-{part:03d}.{FORMATS[settings.format]}"


def _shards_of(number: int, rows: Sequence[Row], settings: DatasetSettings) -> dict[str, list[Row]]:
    """Return the shards of a block, each with its rows: of one split, and not larger than said."""
    most = max(1, int(settings.shard_mib * 2**20 / SAMPLE_BYTES))
    shards = {}
    for split in SPLITS:
        inside = [row for row in rows if row["split"] == split]
        for first in range(0, len(inside), most):
            name = _shard_name(split, number, first // most, settings)
            shards[name] = inside[first : first + most]
    return shards


def _remove_further_shards(
    number: int, shards: Mapping[str, object], place: Place, settings: DatasetSettings
) -> None:
    """Remove shards that the block had before, the last one first: a killed run leaves no gap to stop at."""
    for split in SPLITS:
        part = 0
        while place.exists(_shard_name(split, number, part, settings)):
            part += 1
        for further in reversed(range(part)):
            name = _shard_name(split, number, further, settings)
            if name not in shards:
                place.remove(f"{name}.json")  # before the shard, by which it is found
                place.remove(name)


def _write(
    number: int,
    shards: Mapping[str, Sequence[Row]],
    spool: Spool,
    songs: Mapping[str, Any],
    place: Place,
    settings: DatasetSettings,
    outputs: Sequence[str],
) -> None:
    beside = _beside(shards, settings)
    write_shard = write_npz if settings.format == "npz" else write_tar
    described, placed = {}, []
    with place.writing(*shards, *beside, part_name(number)) as paths:
        for (name, inside), path in zip(shards.items(), paths, strict=False):
            places = write_shard(path, inside, outputs, spool.read_mel)
            placed += [{**row, "shard": name, "offset": at} for row, at in zip(inside, places, strict=True)]
            with open(path, "rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            described[name] = {"samples": len(inside), "bytes": path.stat().st_size, "sha256": sha256}
        for inside, path in zip(shards.values(), paths[len(shards) : -1], strict=False):
            write_records(path, inside, outputs)
        _write_part(paths[-1], placed, outputs, songs, described)


def _write_part(
    path: Path,
    rows: Sequence[Row],
    outputs: Sequence[str],
    songs: Mapping[str, Any],
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
