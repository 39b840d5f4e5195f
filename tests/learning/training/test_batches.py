from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from task_blocks import blocks_of

from mixrules.learning.training.batches import batches_of_epoch, drawn_seed
from mixrules.learning.training.blocks import Blocks
from mixrules.learning.training.settings import TrainingSettings

SONGS = ["a"] * 5 + ["b"] * 3 + ["c"] * 4


@pytest.fixture
def blocks() -> Blocks:
    return blocks_of(np.zeros((12, 1)), np.zeros(12), SONGS)


def order(blocks: Blocks, epoch: int = 1, **changes: Any) -> npt.NDArray[np.intp]:
    return np.concatenate(batches_of_epoch(blocks, TrainingSettings(task="level", **changes), epoch))


def test_every_block_is_in_one_batch_and_batches_are_of_one_size(blocks: Blocks) -> None:
    batches = batches_of_epoch(blocks, TrainingSettings(task="level", batch=5), 1)
    assert [batch.shape for batch in batches] == [(5, 1), (5, 1), (2, 1)]
    assert sorted(np.concatenate(batches).ravel().tolist()) == list(range(12))


def test_each_epoch_and_each_seed_has_an_order_of_its_own(blocks: Blocks) -> None:
    orders = [tuple(order(blocks, epoch, seed=seed).ravel()) for epoch in (1, 2) for seed in (0, 1)]
    assert len(set(orders)) == 4
    assert orders[0] == tuple(order(blocks, 1, seed=0).ravel())
    assert (
        len({drawn_seed(TrainingSettings(task="level", seed=s), e) for s in (0, 1) for e in (0, 1, 2)}) == 6
    )


def test_by_song_the_blocks_of_a_song_stay_together_in_their_order(blocks: Blocks) -> None:
    orders = {tuple(order(blocks, epoch, shuffle="song").ravel()) for epoch in range(1, 30)}
    assert len(orders) == 6
    for rows in orders:
        names = [SONGS[row] for row in rows]
        assert sum(first != then for first, then in itertools.pairwise(names)) == 2
        within = [(first, then) for first, then in itertools.pairwise(rows) if SONGS[first] == SONGS[then]]
        assert all(then == first + 1 for first, then in within)


def test_unshuffled_is_the_order_of_the_table_whatever_is_to_be_shuffled(blocks: Blocks) -> None:
    switches = TrainingSettings(task="level").switches.changed(on=["unshuffled"])
    for shuffle in ("sample", "song"):
        assert order(blocks, 7, shuffle=shuffle, switches=switches).ravel().tolist() == list(range(12))


def test_an_item_is_of_one_song_and_is_filled_up_with_its_blocks(blocks: Blocks) -> None:
    items = order(blocks, pool=2)
    assert items.shape == (7, 2)
    assert set(items.ravel().tolist()) == set(range(12))
    assert all(SONGS[first] == SONGS[second] for first, second in items)
    assert order(blocks, pool=8).shape == (3, 8)
