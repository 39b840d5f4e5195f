from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from task_data import level_songs, write_task_data

from mixrules.corpus.tasks import read_dataset
from mixrules.errors import AudioFileError
from mixrules.learning.training.blocks import Blocks, read_task_blocks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_task_data(tmp_path / "data", level_songs(train=3, others=1, blocks=4), copies=1)


def test_blocks_are_those_that_the_reader_of_task_data_yields(folder: Path) -> None:
    data = read_task_blocks(folder)
    for split, blocks in (("train", data.train), ("validation", data.validation), ("test", data.test)):
        samples = list(read_dataset(folder).samples(split))
        mel = blocks.mel(np.arange(len(blocks)))
        assert len(samples) == len(blocks)
        for row, sample in enumerate(samples):
            assert np.array_equal(mel[row], sample.mel)
            assert blocks.targets[row] == pytest.approx(sample.target)
            where = (blocks.song_names[blocks.songs[row]], blocks.copies[row], blocks.numbers[row])
            assert where == (sample.song, sample.copy, sample.block)


def test_joined_splits_have_all_blocks_in_their_order(folder: Path) -> None:
    data = read_task_blocks(folder)
    parts = [data.train, data.validation, data.test]
    blocks = Blocks.joined(parts)
    rows = [(part, row) for part in parts for row in range(len(part))]
    assert len(blocks) == len(rows)
    mel = blocks.mel(np.arange(len(blocks)))
    for place, (part, row) in enumerate(rows):
        assert np.array_equal(mel[place], part.mel(np.array([row]))[0])
        assert blocks.targets[place].tolist() == part.targets[row].tolist()
        assert blocks.song_names[blocks.songs[place]] == part.song_names[part.songs[row]]
        assert (blocks.copies[place], blocks.numbers[place]) == (part.copies[row], part.numbers[row])


def test_blocks_come_in_the_order_in_which_they_are_asked_for(folder: Path) -> None:
    blocks = read_task_blocks(folder).train
    rows = np.array([[5, 0], [11, 5]])
    mel = blocks.mel(rows)
    assert mel.shape == (4, 2, 128, 64)
    for place, row in enumerate([5, 0, 11, 5]):
        assert np.array_equal(mel[place], blocks.mel(np.array([row]))[0])


def test_batches_hold_every_row_once(folder: Path) -> None:
    blocks = read_task_blocks(folder).train
    seen = [(rows, mel) for rows, mel in blocks.batches(blocks.in_order(7))]
    assert [len(rows) for rows, _ in seen] == [7, 7, 7, 3]
    assert np.array_equal(np.concatenate([rows for rows, _ in seen]), np.arange(24))
    assert np.array_equal(np.concatenate([mel for _, mel in seen]), blocks.mel(np.arange(24)))


def test_what_is_said_of_the_data(folder: Path) -> None:
    data = read_task_blocks(folder)
    assert (data.task, data.outputs) == ("toy-level", ("vocal_gain_db",))
    assert data.data_hash == hashlib.sha256((folder / "dataset.json").read_bytes()).hexdigest()
    assert (data.published_offset.tolist(), data.published_scale.tolist()) == ([0.0], [1.0])


def _change(folder: Path, **changes: Any) -> None:
    path = folder / "dataset.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 2}, "is of format mixrules-task-data 2, mixrules-task-data 1 is needed"),
        ({"task": "loudness"}, "is of task 'loudness': there are level, eq"),
        (
            {"outputs": [{"name": "vocal_gain_db"}]},
            "does not describe task data: KeyError 'published_offset'",
        ),
        ({"outputs": "vocal_gain_db"}, "does not describe task data: TypeError"),
        ({"targets": {}}, "does not describe task data: KeyError 'vocal_gain_db'"),
    ],
)
def test_a_description_that_cannot_be_used_is_refused(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    _change(folder, **changes)
    with pytest.raises(AudioFileError, match=re.escape(message)) as raised:
        read_task_blocks(folder)
    assert "dataset.json" in str(raised.value)


def test_what_is_no_task_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"dataset\.json does not exist"):
        read_task_blocks(tmp_path)


def _rewrite(folder: Path, **columns: Any) -> None:
    """Change columns of the table, each by a function of its values."""
    path = folder / "samples.parquet"
    table = pq.read_table(path)
    for name, changed in columns.items():
        place = table.schema.get_field_index(name)
        field = table.schema.field(place)
        values = changed(table[name].to_pylist())
        table = table.set_column(place, field, [values])
    pq.write_table(table, path)


def test_a_song_in_two_splits_is_refused(folder: Path) -> None:
    _rewrite(folder, song=lambda songs: [song.replace("validation", "train") for song in songs])
    with pytest.raises(AudioFileError, match="song train 0 is a training song and a validation song"):
        read_task_blocks(folder)


@pytest.mark.parametrize(("split", "named"), [("validation", "validation"), ("train", "training")])
def test_a_split_without_songs_is_refused(folder: Path, split: str, named: str) -> None:
    _rewrite(folder, split=lambda splits: ["test" if each == split else each for each in splits])
    with pytest.raises(AudioFileError, match=f"has no {named} songs: divide the songs anew"):
        read_task_blocks(folder)


def test_a_target_that_is_no_number_is_named(folder: Path) -> None:
    _rewrite(folder, vocal_gain_db=lambda gains: [*gains[:6], float("nan"), *gains[7:]])
    with pytest.raises(
        AudioFileError, match="vocal_gain_db of song train 0, block 2, is nan: finite numbers"
    ):
        read_task_blocks(folder)


def test_a_shard_that_ends_too_early_is_named(folder: Path) -> None:
    shard = folder / "train" / "00000.tar"
    shard.write_bytes(shard.read_bytes()[:200_000])
    blocks = read_task_blocks(folder).train
    with pytest.raises(AudioFileError, match=r"00000\.tar ends before the sample"):
        blocks.mel(np.arange(len(blocks)))


def test_a_shard_that_is_gone_is_named_while_batches_are_read(folder: Path) -> None:
    (folder / "train" / "00000.tar").unlink()
    blocks = read_task_blocks(folder).train
    with pytest.raises(AudioFileError, match=r"00000\.tar does not exist"):
        list(blocks.batches(blocks.in_order(4)))
