from __future__ import annotations

import math
from typing import Any

import pytest
from task_data import level_songs, write_task_data

torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: make test-deep has it")

from mixrules.errors import ParameterError  # noqa: E402
from mixrules.learning.training import steps  # noqa: E402
from mixrules.learning.training.blocks import TaskBlocks, read_task_blocks  # noqa: E402
from mixrules.learning.training.chosen_blocks import chosen_blocks  # noqa: E402
from mixrules.learning.training.settings import TrainingSettings, settings_for  # noqa: E402


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TaskBlocks:
    return read_task_blocks(write_task_data(tmp_path_factory.mktemp("data") / "train", level_songs()))


def settings(**changes: Any) -> TrainingSettings:
    usual = {"epochs": 10, "batch": 64, "learning_rate": 1e-3, "threads": 1, "device": "cpu"}
    return settings_for("toy-level", **{**usual, **changes})


@pytest.mark.parametrize("network", ["corrected", "faithful"])
def test_the_learning_rate_stays_as_it_is_unless_asked_for(network: str) -> None:
    assert settings_for("toy-eq", network).schedule == "constant"


def test_half_a_cosine_leads_from_the_learning_rate_to_nothing() -> None:
    cosine = settings(schedule="cosine")
    rates = [steps.cosine_learning_rate(cosine, done) for done in (0.0, 2.5, 5.0, 7.5, 10.0)]
    root = math.sqrt(0.5)
    assert rates == pytest.approx([1e-3, 0.5e-3 * (1 + root), 0.5e-3, 0.5e-3 * (1 - root), 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("schedule", "epoch"), [("constant", 6), ("cosine", 1), ("cosine", 6), ("cosine", 10)]
)
def test_the_first_step_of_adam_is_as_long_as_the_learning_rate(
    schedule: str, epoch: int, data: TaskBlocks
) -> None:
    """Its first step moves a weight by the learning rate, however steep the loss is (Kingma and Ba 2015, section 2.1)."""
    asked = settings(schedule=schedule)
    chosen = chosen_blocks(data, asked)
    network = steps.new_network(chosen, asked)
    before = network.linear.weight.detach().clone()
    optimizer = torch.optim.Adam(network.parameters(), asked.learning_rate)
    assert len(chosen.train) <= asked.batch  # one step an epoch
    steps.train_one_epoch(network, optimizer, chosen.train, asked, epoch)
    moved = float((network.linear.weight.detach() - before).abs().max())
    expected = 1e-3 if schedule == "constant" else 0.5e-3 * (1.0 + math.cos(math.pi * (epoch - 1) / 10.0))
    assert moved == pytest.approx(expected, rel=1e-3)


def test_there_are_two_schedules() -> None:
    with pytest.raises(ParameterError, match="schedule"):
        settings(schedule="step")
