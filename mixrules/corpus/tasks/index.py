"""The index of task data: ``dataset.json`` and ``samples.parquet``, written once all songs are done."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from mixrules._support.version import __version__
from mixrules.corpus.tasks.augmentation import AUGMENTATIONS
from mixrules.corpus.tasks.blocks_of_songs import part_name, read_shards, table_schema
from mixrules.corpus.tasks.constant_predictors import Targets, constant_predictors, statistics_of
from mixrules.corpus.tasks.settings import CONSTANTS, SPLITS, DatasetSettings
from mixrules.corpus.tasks.splits import Division
from mixrules.corpus.tasks.task import Output
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record
from mixrules.errors import AudioFileError

INDEX, TABLE = "dataset.json", "samples.parquet"
FORMAT, VERSION = "mixrules-task-data", 1
_LIBRARIES = ("numpy", "scipy", "soxr", "librosa")
_SHOWN = 20


def write_index(
    place: Place,
    blocks: int,
    settings: DatasetSettings,
    outputs: Sequence[Output],
    division: Division,
    left_out: Mapping[str, Sequence[str]],
    failed: Sequence[Record],
    origin: Mapping[str, Any],
) -> dict[str, Any]:
    """Put the parts of the table together and describe the whole; return the description.

    Parameters
    ----------
    place : Place
        The folder of results.
    blocks : int
        How many blocks of songs there are.
    settings : DatasetSettings
        What was asked for.
    outputs : sequence of Output
        The numbers to predict.
    division : Division
        Which song is in which split.
    left_out : mapping
        Songs that are used for nothing, by reason.
    failed : sequence of Record
        Songs that failed.
    origin : mapping
        What is to be said of the ground truth.

    Raises
    ------
    AudioFileError
        If a part or a shard is missing.
    """
    names = [output.name for output in outputs]
    targets, counts, shards = _join_parts(place, blocks, names)
    description = {
        "format": FORMAT,
        "format_version": VERSION,
        "version": __version__,
        "versions": _versions(settings),
        "task": settings.task,
        "target": settings.target or ("snippet" if settings.task == "level" else ""),
        "seed": settings.seed,
        "settings": settings.plain(),
        "truth": dict(origin),
        "mel": CONSTANTS | {"block_hop_frames": settings.block_hop},
        "outputs": [
            {
                "name": output.name,
                "unit": output.unit,
                "published_offset": output.published_offset,
                "published_scale": output.published_scale,
            }
            for output in outputs
        ],
        "augmentations": {name: AUGMENTATIONS[name] for name in settings.augment},
        "splits": {
            split: {
                "songs": sum(own == split for own in division.splits.values()),
                **counts[split],
            }
            for split in SPLITS
        },
        "left_out": {
            reason: {"songs": len(songs), "first": list(songs[:_SHOWN])} for reason, songs in left_out.items()
        },
        "failed": {
            "songs": len(failed),
            "first": [{"song": record.song, "reason": record.reason} for record in failed[:_SHOWN]],
        },
        "targets": statistics_of(targets["train"], names),
        "constants": constant_predictors(targets, names),
        "table": TABLE,
        "columns": {field.name: str(field.type) for field in table_schema(names)},
        "shards": shards,
    }
    with place.writing(INDEX) as (path,):
        path.write_bytes(msgspec.json.format(msgspec.json.encode(description), indent=1) + b"\n")
    return description


def _join_parts(
    place: Place, blocks: int, outputs: Sequence[str]
) -> tuple[dict[str, Targets], dict[str, dict[str, int]], list[dict[str, Any]]]:
    """Write the table; return the targets, the counts and the shards."""
    import pyarrow.parquet

    values: dict[str, list[Any]] = {split: [] for split in SPLITS}
    songs: dict[str, list[Any]] = {split: [] for split in SPLITS}
    number_of: dict[str, int] = {}
    as_it_is = dict.fromkeys(SPLITS, 0)
    artists: dict[str, set[str]] = {split: set() for split in SPLITS}
    shards: list[dict[str, Any]] = []
    with (
        place.writing(TABLE) as (path,),
        pyarrow.parquet.ParquetWriter(path, table_schema(outputs)) as writer,
    ):
        for number in range(blocks):
            if not place.exists(part_name(number)):
                raise AudioFileError(f"{part_name(number)} is missing: run the same command again")
            with place.reading(part_name(number)) as part:
                table = pyarrow.parquet.read_table(part)
            for name, about in read_shards(table).items():
                if not place.exists(name):
                    raise AudioFileError(f"{name} is missing: make the task data in another folder")
                shards.append({"name": name, "split": name.split("/")[0], **about})
            writer.write_table(table.replace_schema_metadata(None))
            split_of = np.array(table["split"].to_pylist(), np.str_)
            song_of = table["song"].to_pylist()
            copies = np.array(table["copy"])
            codes = np.array([number_of.setdefault(song, len(number_of)) for song in song_of], np.int64)
            columns = np.stack([np.array(table[name]) for name in outputs], axis=1)
            artist_of = np.array(table["artist"].to_pylist(), np.str_)
            for split in SPLITS:
                inside = split_of == split
                values[split].append(columns[inside])
                songs[split].append(codes[inside])
                as_it_is[split] += int(np.sum(copies[inside] == 0))
                artists[split].update(map(str, np.unique(artist_of[inside])))
    targets = {
        split: Targets(np.concatenate(values[split]), np.concatenate(songs[split])) for split in SPLITS
    }
    counts = {
        split: {
            "songs_with_samples": len(np.unique(targets[split].songs)),
            "artists_known": len(artists[split] - {""}),
            "samples": len(targets[split].songs),
            "samples_of_copies": len(targets[split].songs) - as_it_is[split],
        }
        for split in SPLITS
    }
    return targets, counts, sorted(shards, key=lambda shard: str(shard["name"]))


def _versions(settings: DatasetSettings) -> dict[str, str]:
    libraries = (*_LIBRARIES, "audiomentations") if settings.augment else _LIBRARIES
    return {library: importlib.metadata.version(library) for library in libraries}
