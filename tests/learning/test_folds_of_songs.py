"""How benchmarks/deep_songs.py divides songs into folds, and which answer it takes for which block."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from deep_songs import answers_to, divided, fold_of
from task_data import level_songs, write_task_data

from mixrules.learning.training.blocks import Blocks, TaskBlocks, read_task_blocks


@pytest.fixture
def made(tmp_path: Path) -> tuple[TaskBlocks, Blocks, list[list[str]]]:
    """Data with copies, the blocks of all songs, and three folds."""
    data = read_task_blocks(
        write_task_data(tmp_path / "data", level_songs(train=4, others=1, blocks=3), copies=1)
    )
    blocks = Blocks.joined([data.train, data.validation, data.test])
    return data, blocks, [list(blocks.song_names[place::3]) for place in range(3)]


def names_in(blocks: Blocks) -> set[str]:
    return set(blocks.named(np.arange(len(blocks))))


def test_each_song_is_test_once_and_in_one_split(made: tuple[TaskBlocks, Blocks, list[list[str]]]) -> None:
    data, blocks, folds = made
    parts = [fold_of(data, blocks, folds, number) for number in range(3)]
    for number, part in enumerate(parts):
        assert names_in(part.test) == set(folds[number])
        assert names_in(part.validation) == set(folds[(number + 1) % 3])
        assert names_in(part.train) == set(folds[(number + 2) % 3])
        assert not part.test.copies.any()
        assert not part.validation.copies.any()
    assert any(part.train.copies.any() for part in parts)
    assert sum(len(part.test) for part in parts) == np.count_nonzero(blocks.copies == 0)


def test_another_division_of_the_same_data_is_another_training(
    made: tuple[TaskBlocks, Blocks, list[list[str]]],
) -> None:
    data, blocks, folds = made
    first, again, second = (fold_of(data, blocks, folds, number) for number in (0, 0, 1))
    fewer = divided(second, train=second.train.only(second.train.numbers > 0))
    assert first.data_hash == again.data_hash
    assert len({data.data_hash, first.data_hash, second.data_hash, fewer.data_hash}) == 4


def test_answers_are_found_by_song_and_snippet_wherever_they_stand(
    made: tuple[TaskBlocks, Blocks, list[list[str]]], tmp_path: Path
) -> None:
    test = made[0].test
    rows = [
        (test.song_names[song], number, float(value))
        for song, number, value in zip(test.songs, test.numbers, test.targets[:, 0], strict=True)
    ]
    with open(tmp_path / "test_answers.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("song", "snippet", "level_lu"), *reversed(rows)])
    assert answers_to(test, tmp_path / "test_answers.csv") == pytest.approx(test.targets[:, 0])
