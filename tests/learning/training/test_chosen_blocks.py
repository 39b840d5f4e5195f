from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from task_blocks import blocks_of, task_blocks_of
from task_data import level_songs, write_task_data

from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE
from mixrules.errors import ParameterError
from mixrules.learning.training.blocks import TaskBlocks, read_task_blocks
from mixrules.learning.training.chosen_blocks import chosen_blocks
from mixrules.learning.training.settings import settings_for


def data_of(task: str, train: Any, *, power: float = 1.0, songs: list[str] | None = None) -> TaskBlocks:
    """Return task data with these training targets, and two songs of two blocks in each other split."""
    outputs = {"eq": 9, "reverb": 8}.get(task, 1)

    def of(names: list[str], targets: Any) -> Any:
        return blocks_of(np.full((len(names), *BLOCK_SHAPE), power), targets, names)

    rows = np.asarray(train, np.float64)
    others = np.zeros((4, outputs))
    names = songs or [f"song {number // 2}" for number in range(len(rows))]
    return task_blocks_of(
        task, of(names, rows), of(["v1", "v1", "v2", "v2"], others), of(["t1", "t1", "t2", "t2"], others)
    )


def test_data_of_another_task_is_refused() -> None:
    with pytest.raises(ParameterError, match="is task data of level, not of eq"):
        chosen_blocks(data_of("level", np.zeros(4)), settings_for("eq"))


def test_a_smaller_fraction_is_within_a_larger_one(tmp_path: Path) -> None:
    data = read_task_blocks(write_task_data(tmp_path / "data", level_songs(train=16, others=1, blocks=1)))
    used = []
    for fraction in (1.0, 0.5, 0.25, 0.125, 1e-9):
        chosen = chosen_blocks(data, settings_for("toy-level", fraction=fraction, seed=3))
        used.append(set(chosen.train.named(np.arange(len(chosen.train)))))
        assert (len(chosen.validation), len(chosen.test)) == (1, 1)
    assert [len(songs) for songs in used] == [16, 8, 4, 2, 1]
    assert all(smaller < larger for larger, smaller in itertools.pairwise(used))
    other = chosen_blocks(data, settings_for("toy-level", fraction=0.5, seed=4))
    assert set(other.train.named(np.arange(len(other.train)))) != used[1]


def test_outliers_of_the_training_targets_are_left_out() -> None:
    targets = [0.0, 1.0, -1.0, 2.0, -2.0, 1.5, -1.5, 40.0]
    # The median is 0.5 and the median absolute deviation 1.5: by 0.6745 (x - 0.5) / 1.5 the last one scores 17.8.
    data = data_of("level", targets)
    assert len(chosen_blocks(data, settings_for("level", outliers=17.9)).train) == 8
    chosen = chosen_blocks(data, settings_for("level", outliers=17.7))
    assert chosen.train.targets[:, 0].tolist() == targets[:-1]
    assert (chosen.left_out, chosen.notes) == ({"of outliers": 1}, ())
    assert chosen.offset.tolist() == pytest.approx([0.0])


def test_where_most_targets_are_the_same_none_is_an_outlier() -> None:
    gains = np.zeros((8, 9))
    gains[3, 4] = 15.0
    data = data_of("eq", gains)
    chosen = chosen_blocks(data, settings_for("eq", outliers=3.5, pool=1))
    assert len(chosen.train) == 8
    assert chosen.notes == (
        "outliers 3.5 leaves out no block by any output: half or more of the training targets are the same, or there are "
        "fewer than five",
    )
    gains[:, 2] = np.arange(8)
    (note,) = chosen_blocks(data_of("eq", gains), settings_for("eq", outliers=3.5, pool=1)).notes
    named = [name for name in data.outputs if name in note.split(":")[0]]
    assert named == [name for name in data.outputs if name != data.outputs[2]]


@pytest.mark.parametrize(
    ("target", "power", "kept"),
    [(5.9, 0.41, True), (6.1, 0.41, False), (-9.9, 0.41, True), (-10.1, 0.41, False), (0.0, 0.39, False)],
)
def test_the_published_filter_looks_at_target_and_power(target: float, power: float, kept: bool) -> None:
    data = data_of("level", [target, target], power=power)
    settings = settings_for("level", on=["published_filter"])
    if kept:
        chosen = chosen_blocks(data, settings)
        assert (len(chosen.train), len(chosen.validation), len(chosen.test)) == (2, 4, 4)
    else:
        with pytest.raises(ParameterError, match="no training block of data is left by the filters"):
            chosen_blocks(data, settings)


def test_test_songs_choose_the_epoch_where_the_switch_is_on() -> None:
    data = data_of("level", np.zeros(4))
    assert chosen_blocks(data, settings_for("level")).validation.song_names == ("v1", "v2")
    switched = chosen_blocks(data, settings_for("level", on=["test_as_validation"]))
    assert switched.validation.song_names == switched.test.song_names == ("t1", "t2")


def test_what_is_learnt_is_standardised_or_as_published() -> None:
    data = data_of("compression", [10.0, 10.0, 20.0, 20.0])
    data = TaskBlocks(
        **{**_fields(data), "published_offset": np.array([5.0]), "published_scale": np.array([25.0])}
    )
    chosen = chosen_blocks(data, settings_for("compression"))
    assert (chosen.offset.tolist(), chosen.scale.tolist()) == ([15.0], [5.0])
    chosen = chosen_blocks(data, settings_for("compression", on=["published_scale"]))
    assert (chosen.offset.tolist(), chosen.scale.tolist()) == ([5.0], [25.0])


def _fields(data: TaskBlocks) -> dict[str, Any]:
    return {name: getattr(data, name) for name in data.__slots__}


def test_errors_of_one_unit_stay_in_it_and_others_are_divided_by_deviations() -> None:
    gains = np.zeros((4, 9))
    gains[:2] = 4.0
    assert chosen_blocks(data_of("eq", gains), settings_for("eq")).error_scale.tolist() == [1.0] * 9
    reverb = chosen_blocks(data_of("reverb", np.arange(8) * gains[:, :8]), settings_for("reverb"))
    assert reverb.error_scale.tolist() == pytest.approx([1.0, *(2.0 * number for number in range(1, 8))])


def test_errors_of_all_fractions_of_a_sweep_are_in_one_unit() -> None:
    rng = np.random.default_rng(8)
    targets = np.repeat(rng.normal(size=(16, 8)) * 10.0 ** np.arange(-4, 4), 2, axis=0)
    data = data_of("reverb", targets)
    whole, part, filtered = (
        chosen_blocks(data, settings_for("reverb", fraction=fraction, outliers=outliers))
        for fraction, outliers in ((1.0, 0.0), (0.25, 0.0), (1.0, 2.0))
    )
    assert len(part.train) == 8
    assert len(filtered.train) < len(whole.train)
    for chosen in (whole, part, filtered):
        np.testing.assert_allclose(chosen.error_scale, targets.std(axis=0))
    assert not np.allclose(part.scale, whole.scale)


def test_copies_are_no_part_of_constants_and_of_the_unit_of_errors() -> None:
    data = data_of("reverb", np.arange(8 * 8.0).reshape(8, 8) ** 2)
    copied = np.arange(8) >= 6
    data = TaskBlocks(**{**_fields(data), "train": replace(data.train, copies=copied.astype(np.intp))})
    chosen = chosen_blocks(data, settings_for("reverb", pool=1))
    unchanged = data.train.targets[:6]
    np.testing.assert_allclose(chosen.error_scale, unchanged.std(axis=0))
    np.testing.assert_allclose(chosen.constants()["mean"], unchanged.mean(axis=0))
    np.testing.assert_allclose(chosen.constants()["median"], np.median(unchanged, axis=0))
    np.testing.assert_allclose(chosen.offset, data.train.targets.mean(axis=0))  # what is learnt from


def test_only_blocks_of_one_target_are_pooled() -> None:
    settings = settings_for("level", pool=2)
    assert len(chosen_blocks(data_of("level", [1.0, 1.0, 2.0, 2.0]), settings).train) == 4
    message = (
        "pool must be 1 where blocks of a song have targets of their own, as those of song 1 for task level"
    )
    with pytest.raises(ParameterError, match=re.escape(message)):
        chosen_blocks(data_of("level", [1.0, 1.0, 2.0, 3.0]), settings)


def test_changed_copies_are_no_part_of_what_is_judged(tmp_path: Path) -> None:
    data = read_task_blocks(
        write_task_data(tmp_path / "data", level_songs(train=2, others=1, blocks=3), copies=2)
    )
    chosen = chosen_blocks(data, settings_for("toy-level"))
    assert len(chosen.train) == 18
    assert (chosen.judged()["train"].copies == 0).all()
    assert len(chosen.judged()["train"]) == 6
