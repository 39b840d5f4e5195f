"""What is known of the networks of likelian/Lab_spring2022 (2022) besides their layers: a test a fact."""

from __future__ import annotations

import numpy as np
import pytest
from task_blocks import blocks_of, task_blocks_of

from mixrules.corpus.tasks.settings import DatasetSettings, make_task
from mixrules.learning.network.switches import NAMES, Switches, switches_of
from mixrules.learning.training.batches import batches_of_epoch
from mixrules.learning.training.blocks import TaskBlocks
from mixrules.learning.training.chosen_blocks import chosen_blocks
from mixrules.learning.training.settings import TrainingSettings, settings_for

TASKS = ("level", "compression", "eq", "reverb-2022")
OUTPUTS = {"level": 1, "compression": 1, "eq": 9, "reverb-2022": 10}


def data_of(task: str, targets: list[float], powers: list[float] | None = None) -> TaskBlocks:
    """Task data whose training blocks have these targets and mean vocal powers, with a validation and a test song."""
    count = OUTPUTS[task]
    power = np.ones(len(targets)) if powers is None else np.array(powers)
    mels = np.ones((len(targets), 2, 128, 64)) * np.stack([np.ones_like(power), power], 1)[..., None, None]
    values = np.repeat(np.array(targets)[:, np.newaxis], count, axis=1)
    train = blocks_of(mels, values, [f"song {number // 2}" for number in range(len(targets))])
    one = np.ones((2, 2, 128, 64))
    validation = blocks_of(one, np.zeros((2, count)), ["validation"] * 2)
    test = blocks_of(one, np.ones((2, count)), ["test"] * 2)
    return task_blocks_of(task, train, validation, test)


@pytest.mark.parametrize(("task", "count"), OUTPUTS.items())
def test_how_many_numbers_each_network_answers(task: str, count: int) -> None:
    assert len(make_task(DatasetSettings(task=task)).outputs) == count


@pytest.mark.parametrize(
    ("task", "batch", "learning_rate", "weight_decay", "epochs"),
    [
        ("level", 25, 1e-3, 0.0, 1),
        ("compression", 25, 1e-4, 1e-6, 3),
        ("eq", 30, 1e-3, 0.0, 200),
        ("reverb-2022", 25, 1e-5, 0.0, 500),
    ],
)
def test_how_each_network_was_trained(
    task: str, batch: int, learning_rate: float, weight_decay: float, epochs: int
) -> None:
    settings = settings_for(task, "faithful")
    assert (settings.batch, settings.epochs) == (batch, epochs)
    assert (settings.learning_rate, settings.weight_decay) == (learning_rate, weight_decay)
    assert (settings.loss, settings.dropout, settings.l1, settings.width) == ("squared", 0.3, 0.0, 8)
    # The epoch was fixed beforehand: nothing stopped earlier, and no better one was looked for.
    assert settings.patience == 0
    assert settings.switches.fixed_epoch


@pytest.mark.parametrize("task", TASKS)
def test_the_blocks_of_a_song_were_averaged_for_the_equaliser_alone(task: str) -> None:
    pool = settings_for(task, "faithful").pool
    assert (pool > 1) == (task == "eq")
    if task == "eq":
        assert pool == settings_for(task).pool
        blocks = data_of(task, [0.0] * 60).train
        (batch,) = batches_of_epoch(blocks, settings_for(task, "faithful"), 1)
        assert batch.shape == (30, pool)  # 30 songs
        assert all(len(np.unique(blocks.songs[item])) == 1 for item in batch)


def test_every_old_way_is_off_in_the_corrected_network() -> None:
    for task in TASKS:
        assert settings_for(task).switches.on() == ()
        assert settings_for(task).patience > 0


@pytest.mark.parametrize("task", TASKS)
def test_every_old_way_is_on_in_the_faithful_network_of_the_task_it_is_of(task: str) -> None:
    of_one_task = {"changed_bands_first": "eq", "published_filter": "level"}
    expected = [name for name in NAMES if of_one_task.get(name, task) == task]
    assert settings_for(task, "faithful").switches.on() == tuple(expected)


@pytest.mark.parametrize("name", NAMES)
def test_each_old_way_can_be_turned_on_and_off_by_itself(name: str) -> None:
    assert settings_for("level", on=[name]).switches.on() == (name,)
    faithful = switches_of("faithful", "level")
    assert set(faithful.changed(off=[name]).on()) == set(faithful.on()) - {name}


def test_the_loudness_range_was_learnt_as_its_distance_from_5_in_parts_of_25() -> None:
    data = data_of("compression", [5.0, 10.0, 15.0, 30.0])
    chosen = chosen_blocks(data, settings_for("compression", "faithful"))
    np.testing.assert_array_equal(chosen.offset, [5.0])
    np.testing.assert_array_equal(chosen.scale, [25.0])
    learnt = (data.train.targets - chosen.offset) / chosen.scale
    np.testing.assert_allclose(learnt[:, 0], [0.0, 0.2, 0.4, 1.0])


@pytest.mark.parametrize("task", ["level", "eq", "reverb-2022"])
def test_other_targets_were_learnt_as_they_are(task: str) -> None:
    chosen = chosen_blocks(data_of(task, [-9.0, -3.0, 0.0, 5.0]), settings_for(task, "faithful", pool=1))
    np.testing.assert_array_equal(chosen.offset, np.zeros(OUTPUTS[task]))
    np.testing.assert_array_equal(chosen.scale, np.ones(OUTPUTS[task]))


@pytest.mark.parametrize("task", TASKS)
def test_the_corrected_networks_targets_are_standardised(task: str) -> None:
    targets = [-9.0, -3.0, 0.0, 5.0]
    chosen = chosen_blocks(data_of(task, targets), settings_for(task, pool=1))
    np.testing.assert_allclose(chosen.offset, np.full(OUTPUTS[task], np.mean(targets)))
    np.testing.assert_allclose(chosen.scale, np.full(OUTPUTS[task], np.std(targets)))


def test_the_level_network_was_given_targets_within_limits_and_vocals_above_a_power() -> None:
    targets = [-10.0, -9.9, 5.9, 6.0, 0.0, 0.0, -20.0, 3.0]
    powers = [1.0, 1.0, 1.0, 1.0, 0.39, 0.41, 1.0, 0.3]
    data = data_of("level", targets, powers)
    left = chosen_blocks(data, settings_for("level", "faithful")).train.targets[:, 0]
    np.testing.assert_array_equal(left, [-9.9, 5.9, 0.0])
    assert len(chosen_blocks(data, settings_for("level")).train) == len(targets)


def test_the_songs_that_chose_the_network_were_those_that_judged_it() -> None:
    data = data_of("level", [0.0, 1.0])
    faithful = chosen_blocks(data, settings_for("level", "faithful"))
    assert faithful.validation.song_names == faithful.test.song_names == ("test",)
    corrected = chosen_blocks(data, settings_for("level"))
    assert corrected.validation.song_names == ("validation",)


def _orders(settings: TrainingSettings, count: int = 60) -> list[list[int]]:
    blocks = data_of("level", [float(number % 5) for number in range(count)]).train
    return [
        [int(row) for batch in batches_of_epoch(blocks, settings, epoch) for row in batch.ravel()]
        for epoch in (1, 2)
    ]


def test_blocks_came_in_the_order_of_the_table_epoch_after_epoch() -> None:
    assert _orders(settings_for("level", "faithful")) == [list(range(60))] * 2


@pytest.mark.parametrize("shuffle", ["sample", "song"])
def test_the_corrected_order_is_another_in_each_epoch(shuffle: str) -> None:
    first, second = _orders(settings_for("level", shuffle=shuffle))
    assert sorted(first) == sorted(second) == list(range(60))
    assert list(range(60)) != first != second
    if shuffle == "song":  # the two blocks of a song stay together
        assert all(first[place] // 2 == first[place + 1] // 2 for place in range(0, 60, 2))


def test_batches_were_of_25_blocks() -> None:
    blocks = data_of("level", [0.0] * 60).train
    sizes = [len(batch) for batch in batches_of_epoch(blocks, settings_for("level", "faithful"), 1)]
    assert sizes == [25, 25, 10]


def test_the_level_network_does_not_see_the_level_that_it_is_to_decide() -> None:
    assert settings_for("level").levels == "hidden"
    assert {settings_for(task).levels for task in ("toy-level", "compression", "eq", "reverb-2022")} == {
        "given"
    }


def test_switches_are_off_by_default() -> None:
    assert Switches().on() == ()
