"""How the networks of likelian/Lab_spring2022 (2022) were trained: a test a fact, and what ours do instead."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from task_blocks import blocks_of, task_blocks_of

torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
pytest.importorskip("onnx", reason="onnx is not installed: make test-deep has it")

from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE  # noqa: E402
from mixrules.learning.error_pair import ErrorPair  # noqa: E402
from mixrules.learning.network.mel_network import MelInput, MelNetwork  # noqa: E402
from mixrules.learning.training import loop as training  # noqa: E402
from mixrules.learning.training import steps  # noqa: E402
from mixrules.learning.training.blocks import TaskBlocks  # noqa: E402
from mixrules.learning.training.settings import TrainingSettings, settings_for  # noqa: E402

OUTPUTS = {"level": 1, "compression": 1, "eq": 9, "reverb-2022": 10}


def task_data(task: str, training_blocks: int = 4) -> TaskBlocks:
    """Return noise: a training song, a validation song and two test songs."""
    rng = np.random.default_rng(5)

    def songs(*names: str, blocks: int) -> Any:
        listed = [name for name in names for _ in range(blocks)]
        mels = rng.gamma(1.0, 1.0, (len(listed), *BLOCK_SHAPE))
        return blocks_of(mels, rng.uniform(-5.0, 5.0, (len(listed), OUTPUTS[task])), listed)

    train = songs("one", blocks=training_blocks)
    return task_blocks_of(task, train, songs("two", blocks=1), songs("three", "four", blocks=1))


def loss(task: str, network: str, answers: Any, targets: Any, **scaling: Any) -> float:
    settings = settings_for(task, network)
    made = MelNetwork(OUTPUTS[task], switches=settings.switches, **scaling)
    answered, truth = (torch.tensor(rows, dtype=torch.float32) for rows in (answers, targets))
    return float(steps.loss_of(made, answered, truth, settings))


def test_the_error_of_a_changed_band_counted_in_full_and_that_of_others_by_a_tenth() -> None:
    targets = np.array([[0.0, 12.0, 0.0, -3.0, 0.0, 0.0, 7.0, 0.0, -15.0]])
    error = np.arange(1.0, 10.0)
    weights = np.where(targets[0] != 0.0, 1.0, 0.1)
    assert loss("eq", "faithful", targets + error, targets) == pytest.approx(np.mean(weights * error**2))
    assert loss("eq", "corrected", targets + error, targets) == pytest.approx(np.mean(error))


@pytest.mark.parametrize("task", ["level", "reverb-2022"])
def test_the_loss_was_the_mean_squared_error(task: str) -> None:
    targets = np.linspace(-1.0, 1.0, 4 * OUTPUTS[task]).reshape(4, -1)
    assert loss(task, "faithful", targets + 3.0, targets) == pytest.approx(9.0, rel=1e-5)
    assert loss(task, "corrected", targets + 3.0, targets) == pytest.approx(3.0, rel=1e-5)


@pytest.mark.parametrize("network", ["faithful", "corrected"])
def test_the_error_was_taken_in_the_scale_that_is_learnt_in(network: str) -> None:
    found = loss("compression", network, [[15.0]], [[5.0]], offset=[5.0], scale=[25.0])
    assert found == pytest.approx({"faithful": (10 / 25) ** 2, "corrected": 10 / 25}[network])


@pytest.mark.parametrize("task", OUTPUTS)
def test_adam_took_the_published_steps(task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []
    adam: Any = torch.optim.Adam

    def observed(*arguments: Any, **options: Any) -> Any:
        optimizer = adam(*arguments, **options)
        made.append(optimizer.defaults)
        return optimizer

    monkeypatch.setattr(torch.optim, "Adam", observed)
    settings = settings_for(task, "faithful", epochs=1, pool=1, device="cpu")
    training.train(task_data(task), settings, tmp_path / "model.onnx")
    learning_rate, weight_decay = {
        "level": (1e-3, 0.0),
        "compression": (1e-4, 1e-6),
        "eq": (1e-3, 0.0),
        "reverb-2022": (1e-5, 0.0),
    }[task]
    assert [(options["lr"], options["weight_decay"]) for options in made] == [(learning_rate, weight_decay)]
    assert made[0]["betas"] == (0.9, 0.999)


@pytest.mark.parametrize(("network", "kept"), [("faithful", 3), ("corrected", 1)])
def test_the_network_after_a_fixed_epoch_was_evaluated_and_not_the_best_one(
    network: str, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = (ErrorPair(mae=error, rmse=error) for error in itertools.count(1.0))

    def ever_worse(*_: object) -> tuple[ErrorPair, ErrorPair]:
        error = next(worse)
        return error, error

    monkeypatch.setattr(training, "both_errors", ever_worse)
    settings = settings_for("compression", network, epochs=3, pool=1, device="cpu")
    results = training.train(task_data("compression"), settings, tmp_path / "model.onnx")
    assert (results.epochs, results.kept_epoch) == (3, kept)


def _batches_seen(settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what the first convolution reads in training, batch after batch, divided by the power it is made of."""
    seen: list[Any] = []
    forward = MelInput.forward

    def observed(self: MelInput, mel: Any) -> Any:
        inputs = forward(self, mel)
        if self.training:
            seen.append((inputs.transpose(2, 3) / mel).numpy())
        return inputs

    monkeypatch.setattr(MelInput, "forward", observed)
    training.train(task_data(settings.task), settings, tmp_path / "model.onnx")
    return seen


def test_each_batch_of_a_training_met_gains_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_gains = ["power_input", "random_channel_gains"]
    settings = settings_for("compression", on=only_gains, epochs=2, batch=2, pool=1, device="cpu")
    seen = _batches_seen(settings, tmp_path, monkeypatch)
    assert len(seen) == 4
    gains = np.array([batch[0, :, 0, 0] for batch in seen])
    for batch, of_channels in zip(seen, gains, strict=True):
        np.testing.assert_allclose(
            batch, np.broadcast_to(of_channels[:, np.newaxis, np.newaxis], batch.shape), rtol=1e-5
        )
    assert len(np.unique(gains)) == gains.size
    assert (gains < 1.0).all()


def test_an_epoch_went_through_the_table_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = task_data("compression", 30)
    seen: list[Any] = []
    loss_of = steps.loss_of

    def observed(network: Any, answers: Any, targets: Any, settings: Any) -> Any:
        seen.append(targets.numpy())
        return loss_of(network, answers, targets, settings)

    monkeypatch.setattr(steps, "loss_of", observed)
    settings = settings_for("compression", "faithful", epochs=2, device="cpu")
    training.train(data, settings, tmp_path / "model.onnx")
    assert [len(batch) for batch in seen] == [25, 5] * 2
    expected = np.concatenate([data.train.targets] * 2)
    np.testing.assert_allclose(np.concatenate(seen), expected, rtol=1e-6)
