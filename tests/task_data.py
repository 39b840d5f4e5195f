"""Task data on the disk, written by hand: noise for mel blocks, whatever targets a test needs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from mixrules.corpus.tasks.blocks_of_songs import table_schema
from mixrules.corpus.tasks.constant_predictors import Targets, statistics_of
from mixrules.corpus.tasks.index import FORMAT, INDEX, TABLE, VERSION
from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE
from mixrules.corpus.tasks.settings import SPLITS, DatasetSettings, make_task
from mixrules.corpus.tasks.shards import write_tar

Mel = npt.NDArray[np.float32]
Songs = Mapping[str, Mapping[str, Sequence[Sequence[float]]]]


def noise_mel(rng: np.random.Generator, target: Sequence[float]) -> Mel:
    """Return a block whose vocal is louder than its backing by the first number of the target, in dB."""
    mel = rng.gamma(4.0, 0.25, BLOCK_SHAPE)
    mel[1] *= 10.0 ** (target[0] / 10.0)
    return mel.astype(np.float32)


def write_task_data(
    folder: Path,
    songs: Songs,
    *,
    task: str = "toy-level",
    mel: Callable[[np.random.Generator, Sequence[float]], Mel] = noise_mel,
    copies: int = 0,
) -> Path:
    """Write task data: for each split its songs, and for each song the targets of its blocks; return the folder.

    Of training songs there are so many copies besides, each with the same targets.
    """
    outputs = make_task(DatasetSettings(task=task)).outputs
    names = [output.name for output in outputs]
    rng = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    for split in SPLITS:
        for song, targets in songs.get(split, {}).items():
            for copy in range(copies + 1 if split == "train" else 1):
                rows += [
                    {
                        "key": f"{len(rows) + block:06d}",
                        **dict.fromkeys(("title", "artist", "album"), ""),
                        **{"song": song, "split": split, "copy": copy, "block": block},
                        "start_sample": 65_536 * block,
                        "start_s": 65_536 * block / 44_100,
                        **dict.fromkeys(("vocal_lufs", "backing_lufs"), -20.0),
                        "target": list(target),
                    }
                    for block, target in enumerate(targets)
                ]
    shards = []
    for split in SPLITS:
        of_split = [row for row in rows if row["split"] == split]
        path = folder / split / "00000.tar"
        path.parent.mkdir(parents=True)
        places = write_tar(path, of_split, names, lambda row: mel(rng, row["target"]).tobytes())
        for row, place in zip(of_split, places, strict=True):
            row |= {"shard": f"{split}/00000.tar", "offset": place}
        content = path.read_bytes()
        shards.append(
            {"name": f"{split}/00000.tar", "split": split, "sha256": hashlib.sha256(content).hexdigest()}
        )
    table = [row | dict(zip(names, row["target"], strict=True)) for row in rows]
    schema = table_schema(names)
    pq.write_table(
        pa.Table.from_pylist([{n: row[n] for n in schema.names} for row in table], schema=schema),
        folder / TABLE,
    )
    train = np.array([row["target"] for row in rows if row["split"] == "train"], np.float32)
    described = [
        {
            "name": output.name,
            "unit": output.unit,
            "published_offset": output.published_offset,
            "published_scale": output.published_scale,
        }
        for output in outputs
    ]
    description = {
        **{"format": FORMAT, "format_version": VERSION, "task": task, "outputs": described},
        "targets": statistics_of(Targets(train, *[np.zeros(len(train), np.int64)] * 2), names),
        "splits": {split: {"samples": sum(row["split"] == split for row in rows)} for split in SPLITS},
        "shards": shards,
    }
    (folder / INDEX).write_bytes(msgspec.json.encode(description))
    return folder


def level_songs(
    seed: int = 1, *, train: int = 6, others: int = 3, blocks: int = 8
) -> dict[str, dict[str, list[list[float]]]]:
    """Return songs for each split, each block of which has a target of its own, -10 to 10 dB."""
    rng = np.random.default_rng(seed)
    counts = {"train": train, "validation": others, "test": others}
    return {
        split: {
            f"{split} {number}": rng.uniform(-10.0, 10.0, (blocks, 1)).round(3).tolist()
            for number in range(count)
        }
        for split, count in counts.items()
    }
