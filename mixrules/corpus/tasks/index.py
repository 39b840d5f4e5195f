"""The index of task data: ``dataset.json`` and ``samples.parquet``, written once all songs are done."""

from __future__ import annotations

import importlib.metadata
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from mixrules._support.version import __version__
from mixrules.corpus.tasks.augmentation import AUGMENTATIONS
from mixrules.corpus.tasks.blocks_of_songs import part_name, read_part, table_schema
from mixrules.corpus.tasks.constant_predictors import Targets, constant_predictors, statistics_of
from mixrules.corpus.tasks.same_songs import SongFacts
from mixrules.corpus.tasks.settings import CONSTANTS, SPLITS, DatasetSettings
from mixrules.corpus.tasks.splits import Division
from mixrules.corpus.tasks.task import Output
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record
from mixrules.errors import AudioFileError, ParameterError

INDEX, TABLE = "dataset.json", "samples.parquet"
FORMAT, VERSION = "mixrules-task-data", 1
SAME_LU = 1.0
"""Levels that differ by more are not those of the audio that the ground truth was extracted from."""

_LIBRARIES = ("numpy", "scipy", "soxr", "librosa")
_SHOWN = 20


@dataclass(slots=True, eq=False)
class Gathered:
    """What the parts of the table hold.

    Attributes
    ----------
    shards : list of dict
        Name, split, samples, bytes and hash of each.
    left_out : dict
        For each split, how many snippets gave no sample, by reason.
    levels_lu : dict
        From a song to the level of its vocal against its backing.
    targets : dict of str to Targets
        For each split.
    artists : dict
        For each split, the artists that are known.
    """

    shards: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, Counter[str]] = field(default_factory=lambda: {split: Counter() for split in SPLITS})
    levels_lu: dict[str, float] = field(default_factory=dict)
    targets: dict[str, Targets] = field(default_factory=dict)
    artists: dict[str, set[str]] = field(default_factory=lambda: {split: set() for split in SPLITS})

    def counts(self, split: str) -> dict[str, Any]:
        """Return what a split holds."""
        songs = self.targets[split].songs
        return {
            "songs_with_samples": len(np.unique(songs)),
            "artists_known": len(self.artists[split]),
            "samples": len(songs),
            "samples_of_copies": int(np.sum(self.targets[split].copies > 0)),
            "snippets_left_out": dict(sorted(self.left_out[split].items())),
        }

    def other_than(self, songs: Sequence[SongFacts]) -> list[str]:
        """Return the songs whose level is another than the ground truth's."""
        found = []
        for song in songs:
            level = self.levels_lu.get(song.song, math.nan)
            if abs(level - song.vocal_to_backing_lu) > SAME_LU:
                found.append(song.song)
        return found


def gather(place: Place, blocks: int, outputs: Sequence[str]) -> Gathered:
    """Put the parts of the table together into ``samples.parquet``; return what they hold.

    Parameters
    ----------
    place : Place
        The folder of results.
    blocks : int
        How many blocks of songs there are.
    outputs : sequence of str
        The numbers to predict.

    Raises
    ------
    AudioFileError
        If a part or a shard is missing.
    """
    import pyarrow.compute
    import pyarrow.parquet

    gathered = Gathered()
    rows: dict[str, list[Targets]] = {split: [] for split in SPLITS}
    number_of: dict[str, int] = {}
    schema = table_schema(outputs)
    with place.writing(TABLE) as (path,), pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for number in range(blocks):
            part = read_part(number, place)
            if part is None:
                raise AudioFileError(f"{part_name(number)} is missing in {place}: run the command again")
            writer.write_table(part.table.replace_schema_metadata(None))
            _add_shards(gathered, part.shards, place)
            _add_songs(gathered, part.songs)
            for split in SPLITS:
                inside = part.table.filter(pyarrow.compute.equal(part.table["split"], split))
                rows[split].append(_targets(inside, outputs, number_of))
                gathered.artists[split].update(set(inside["artist"].unique().to_pylist()) - {""})
    gathered.shards.sort(key=lambda shard: str(shard["name"]))
    for split in SPLITS:
        values, songs, copies = (
            np.concatenate([getattr(part, name) for part in rows[split]])
            for name in ("values", "songs", "copies")
        )
        gathered.targets[split] = Targets(values, songs, copies)
    return gathered


def _add_shards(gathered: Gathered, shards: Mapping[str, dict[str, Any]], place: Place) -> None:
    for name, about in shards.items():
        if not place.exists(name):
            raise AudioFileError(f"{name} is missing in {place}: run the command again")
        gathered.shards.append({"name": name, "split": name.split("/")[0], **about})


def _add_songs(gathered: Gathered, songs: Mapping[str, dict[str, Any]]) -> None:
    for song, said in songs.items():
        gathered.left_out[said["split"]].update(said["left_out"])
        if said["vocal_to_backing_lu"] is not None:
            gathered.levels_lu[song] = said["vocal_to_backing_lu"]


def _targets(table: Any, outputs: Sequence[str], number_of: dict[str, int]) -> Targets:
    """Return the targets of some rows; songs are numbered as they come."""
    songs = [number_of.setdefault(song, len(number_of)) for song in table["song"].to_pylist()]
    values = [np.array(table[name], np.float32) for name in outputs]
    copies = np.array(table["copy"], np.int64)
    return Targets(np.stack(values, axis=1), np.array(songs, np.int64), copies)


def write_index(
    place: Place,
    gathered: Gathered,
    settings: DatasetSettings,
    outputs: Sequence[Output],
    division: Division,
    failed: Sequence[Record],
    origin: Mapping[str, Any],
) -> dict[str, Any]:
    """Describe task data; return the description.

    Parameters
    ----------
    place : Place
        The folder of results.
    gathered : Gathered
        Its samples.
    settings : DatasetSettings
        What was asked for.
    outputs : sequence of Output
        The numbers to predict.
    division : Division
        Which song is in which split, and which are used for nothing.
    failed : sequence of Record
        Songs that failed.
    origin : mapping
        What is to be said of the ground truth.

    Raises
    ------
    ParameterError
        If a split holds no sample.
    """
    names = [output.name for output in outputs]
    counts = {split: gathered.counts(split) for split in SPLITS}
    _require_samples(counts, failed)
    shared = {name.rsplit("_", 1)[-1] for name in names}
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
            split: {"songs": sum(own == split for own in division.splits.values()), **counts[split]}
            for split in SPLITS
        },
        "left_out": {
            reason: {"songs": len(songs), "first": sorted(songs)[:_SHOWN]}
            for reason, songs in division.left_out.items()
        },
        "duplicates": {
            "recordings": len(division.duplicates),
            "first": division.duplicates[:_SHOWN],
        },
        "failed": {
            "songs": len(failed),
            "first": [{"song": record.song, "reason": record.reason} for record in failed[:_SHOWN]],
        },
        "targets": statistics_of(gathered.targets["train"], names),
        "constants": constant_predictors(gathered.targets, names, together=len(shared) == 1),
        "table": TABLE,
        "columns": {field.name: str(field.type) for field in table_schema(names)},
        "shards": gathered.shards,
    }
    with place.writing(INDEX) as (path,):
        path.write_bytes(msgspec.json.format(msgspec.json.encode(description), indent=1) + b"\n")
    return description


def _require_samples(counts: Mapping[str, dict[str, Any]], failed: Sequence[Record]) -> None:
    for split in SPLITS:
        if counts[split]["samples"]:
            continue
        why = [f"{count} snippets: {reason}" for reason, count in counts[split]["snippets_left_out"].items()]
        if failed:
            why.append(f"{len(failed)} songs failed, {failed[0].song}: {failed[0].reason}")
        raise ParameterError(f"no sample is left for {split} ({'; '.join(why) or 'none was made'})")


def _versions(settings: DatasetSettings) -> dict[str, str]:
    libraries = (*_LIBRARIES, "audiomentations") if settings.augment else _LIBRARIES
    return {library: importlib.metadata.version(library) for library in libraries}
