"""The index of task data: ``dataset.json`` and ``samples.parquet``, written once all songs are done."""

from __future__ import annotations

import importlib.metadata
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from mixrules._support.version import __version__
from mixrules.corpus.tasks.augmentation import AUGMENTATIONS
from mixrules.corpus.tasks.blocks_of_songs import part_name, read_part, table_schema
from mixrules.corpus.tasks.constant_predictors import Targets, constant_predictors, statistics_of
from mixrules.corpus.tasks.settings import CONSTANTS, SPLITS, DatasetSettings
from mixrules.corpus.tasks.splits import Division, SongFacts
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


class Gathered:
    """What the parts of the table hold, put together into one table.

    Parameters
    ----------
    place : Place
        The folder of results.
    blocks : int
        How many blocks of songs there are.
    outputs : sequence of str
        The numbers to predict.

    Attributes
    ----------
    shards : list of dict
        Name, split, samples, bytes and hash of each.
    left_out : dict
        For each split, how many snippets gave no sample, by reason.
    levels_lu : dict
        From a song to the level of its vocal against its backing.

    Raises
    ------
    AudioFileError
        If a part or a shard is missing.
    """

    def __init__(self, place: Place, blocks: int, outputs: Sequence[str]) -> None:
        import pyarrow.parquet

        self.shards: list[dict[str, Any]] = []
        self.left_out: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
        self.levels_lu: dict[str, float] = {}
        self._values: dict[str, list[Any]] = {split: [] for split in SPLITS}
        self._songs: dict[str, list[Any]] = {split: [] for split in SPLITS}
        self._copies: dict[str, int] = dict.fromkeys(SPLITS, 0)
        self._artists: dict[str, set[str]] = {split: set() for split in SPLITS}
        self._number_of: dict[str, int] = {}
        schema = table_schema(outputs)
        with place.writing(TABLE) as (path,), pyarrow.parquet.ParquetWriter(path, schema) as writer:
            for number in range(blocks):
                part = read_part(number, place)
                if part is None:
                    raise AudioFileError(f"{part_name(number)} is missing in {place}: run the command again")
                writer.write_table(part.table.replace_schema_metadata(None))
                self._add_shards(part.shards, place)
                self._add_songs(part.songs)
                self._add_rows(part.table, outputs)
        self.shards.sort(key=lambda shard: str(shard["name"]))

    def _add_shards(self, shards: Mapping[str, dict[str, Any]], place: Place) -> None:
        for name, about in shards.items():
            if not place.exists(name):
                raise AudioFileError(f"{name} is missing in {place}: make the task data in another folder")
            self.shards.append({"name": name, "split": name.split("/")[0], **about})

    def _add_songs(self, songs: Mapping[str, dict[str, Any]]) -> None:
        for song, said in songs.items():
            self.left_out[said["split"]].update(said["left_out"])
            if said["vocal_to_backing_lu"] is not None:
                self.levels_lu[song] = said["vocal_to_backing_lu"]

    def _add_rows(self, table: Any, outputs: Sequence[str]) -> None:
        numbers = self._number_of
        songs = [numbers.setdefault(song, len(numbers)) for song in table["song"].to_pylist()]
        codes, copies = np.array(songs, np.int64), np.array(table["copy"])
        values = np.stack([np.array(table[name]) for name in outputs], axis=1)
        split_of, artist_of = (np.array(table[name].to_pylist(), np.str_) for name in ("split", "artist"))
        for split in SPLITS:
            inside = split_of == split
            self._values[split].append(values[inside])
            self._songs[split].append(codes[inside])
            self._copies[split] += int(np.sum(copies[inside] > 0))
            self._artists[split].update(map(str, np.unique(artist_of[inside])))

    def targets(self, split: str) -> Targets:
        """Return the targets of a split."""
        return Targets(np.concatenate(self._values[split]), np.concatenate(self._songs[split]))

    def counts(self, split: str) -> dict[str, Any]:
        """Return what a split holds."""
        targets = self.targets(split)
        return {
            "songs_with_samples": len(np.unique(targets.songs)),
            "artists_known": len(self._artists[split] - {""}),
            "samples": len(targets.songs),
            "samples_of_copies": self._copies[split],
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
    targets = {split: gathered.targets(split) for split in SPLITS}
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
        "failed": {
            "songs": len(failed),
            "first": [{"song": record.song, "reason": record.reason} for record in failed[:_SHOWN]],
        },
        "targets": statistics_of(targets["train"], names),
        "constants": constant_predictors(targets, names, together=len(shared) == 1),
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
