from __future__ import annotations

import csv
import dataclasses
import errno
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from task_data import Mel, level_songs, noise_mel, write_task_data

torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: make test-deep has it")

from mixrules.errors import AudioFileError, ParameterError, TrainingError  # noqa: E402
from mixrules.evaluation.predictions import read_table, score_predictions  # noqa: E402
from mixrules.learning.model_files.model_file import open_model  # noqa: E402
from mixrules.learning.network.mel_network import state_of  # noqa: E402
from mixrules.learning.training import loop as training  # noqa: E402
from mixrules.learning.training import scores, steps  # noqa: E402
from mixrules.learning.training.batches import batches_of_epoch  # noqa: E402
from mixrules.learning.training.blocks import TaskBlocks, read_task_blocks  # noqa: E402
from mixrules.learning.training.chosen_blocks import chosen_blocks  # noqa: E402
from mixrules.learning.training.history import History  # noqa: E402
from mixrules.learning.training.history_file import read_history  # noqa: E402
from mixrules.learning.training.loop import train  # noqa: E402
from mixrules.learning.training.results import TrainingResults, read_results  # noqa: E402
from mixrules.learning.training.settings import TrainingSettings, settings_for  # noqa: E402
from mixrules.learning.training.training_files import TrainingFiles  # noqa: E402

FILES = ["history.jsonl", "results.json", "test_answers.csv", "test_truth.csv"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task_data(tmp_path_factory.mktemp("data") / "train", level_songs())


@pytest.fixture(scope="module")
def data(folder: Path) -> TaskBlocks:
    return read_task_blocks(folder)


def settings(**changes: Any) -> TrainingSettings:
    return settings_for("toy-level", **{"epochs": 2, "batch": 16, "threads": 1, "device": "cpu", **changes})


def contents(model: Path) -> dict[str, bytes]:
    beside = model.with_name("model.training")
    return {"model": model.read_bytes()} | {path.name: path.read_bytes() for path in sorted(beside.iterdir())}


def test_what_a_training_writes(folder: Path, tmp_path: Path) -> None:
    told: list[History] = []
    model = tmp_path / "new" / "model.onnx"
    results = train(folder, settings(), model, progress=told.append)
    beside = tmp_path / "new" / "model.training"
    assert sorted(path.name for path in beside.iterdir()) == FILES
    assert [len(history.epochs) for history in told] == [1, 2]
    assert read_history(beside / "history.jsonl").epochs == tuple(
        dataclasses.replace(epoch, seconds=0.0) for epoch in told[-1].epochs
    )
    assert read_results(beside / "results.json").plain() == results.plain()
    assert (results.parameters, results.epochs, results.device) == (25_465, 2, "cpu, 1 thread")
    assert results.blocks == {"train": 48, "validation": 24, "test": 24}
    assert results.songs == {"train": 6, "validation": 3, "test": 3}
    assert set(results.versions) == {"mixrules", "numpy", "torch"}


def test_the_written_model_answers_the_test_songs_as_the_table_says(data: TaskBlocks, tmp_path: Path) -> None:
    results = train(data, settings(), tmp_path / "model.onnx")
    model = open_model(tmp_path / "model.onnx")
    answers = model.answers(data.test.mel(np.arange(len(data.test))))
    table = list(csv.reader((tmp_path / "model.training" / "test_answers.csv").read_text().splitlines()))
    assert table[0] == ["song", "snippet", "vocal_gain_db"]
    assert [row[:2] for row in table[1:]] == [[f"test {row // 8}", str(row % 8)] for row in range(24)]
    np.testing.assert_allclose([float(row[2]) for row in table[1:]], answers[:, 0], atol=1e-3)
    error = np.mean(np.abs(answers - data.test.targets))
    assert results.of("test", "snippet", "network").mae.mean == pytest.approx(error, abs=1e-3)
    described = model.description
    assert (described.task, described.network, described.seed) == ("toy-level", "corrected", 0)
    assert described.medians == pytest.approx((np.median(data.train.targets),))
    assert described.verdict == results.verdict()


@pytest.mark.parametrize(("on", "validation"), [([], True), (["fixed_epoch"], False)])
def test_the_written_model_knows_which_songs_it_has_seen(
    data: TaskBlocks, on: list[str], validation: bool, tmp_path: Path
) -> None:
    given = settings(epochs=1)
    given = dataclasses.replace(given, switches=given.switches.changed(on=on))
    train(data, given, tmp_path / "model.onnx")
    described = open_model(tmp_path / "model.onnx").description
    known = {
        split: {described.was_trained_on(name) for name in blocks.named(np.arange(len(blocks)))}
        for split, blocks in (("train", data.train), ("validation", data.validation), ("test", data.test))
    }
    assert known == {"train": {True}, "validation": {validation}, "test": {False}}


def test_constants_are_of_songs_as_they_are_and_not_of_their_copies(tmp_path: Path) -> None:
    data = read_task_blocks(write_task_data(tmp_path / "data", level_songs(train=3), copies=1))
    copied = data.train.copies > 0
    data.train.targets[copied] += 100.0
    results = train(data, settings(epochs=1), tmp_path / "model.onnx")
    unchanged = data.train.targets[~copied]
    expected = {"mean": float(unchanged.mean()), "median": float(np.median(unchanged))}
    assert {name: found["vocal_gain_db"] for name, found in results.constants.items()} == pytest.approx(
        expected
    )
    described = open_model(tmp_path / "model.onnx").description
    assert described.medians == pytest.approx((expected["median"],))
    history = read_history(tmp_path / "model.training" / "history.jsonl")
    error = np.mean(np.abs(data.validation.targets - expected["median"]))
    assert history.constants_by_snippet["median"].mae == pytest.approx(error)


def test_the_tables_are_scored_by_the_command_for_predictions(data: TaskBlocks, tmp_path: Path) -> None:
    results = train(data, settings(epochs=1), tmp_path / "model.onnx")
    beside = tmp_path / "model.training"
    errors, notes = score_predictions(
        *(read_table(beside / f"test_{name}.csv") for name in ("answers", "truth"))
    )
    assert notes == []
    found = results.of("test", "snippet", "network")
    assert (errors[0].snippet_mae, errors[0].snippet_rmse) == pytest.approx(
        (found.mae.mean, found.rmse.mean), rel=1e-6
    )


def test_equal_trainings_write_equal_bytes_and_other_seeds_others(data: TaskBlocks, tmp_path: Path) -> None:
    torch.manual_seed(99)
    before = torch.get_rng_state()
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        train(data, settings(seed=seed), tmp_path / name / "model.onnx")
    one, two, three = (contents(tmp_path / name / "model.onnx") for name in ("one", "two", "three"))
    assert one == two
    assert one["model"] != three["model"]
    assert torch.equal(torch.get_rng_state(), before)


def assert_killed_and_gone_on_with(
    data: TaskBlocks, chosen: TrainingSettings, tmp_path: Path, *, killed_after: int
) -> TrainingResults:
    """Train in one go, and killed after an epoch: both go through the same epochs and write the same bytes."""
    whole = train(data, chosen, tmp_path / "whole" / "model.onnx")

    def killed(history: History) -> None:
        if len(history.epochs) == killed_after:
            raise KeyboardInterrupt

    model = tmp_path / "killed" / "model.onnx"
    with pytest.raises(KeyboardInterrupt):
        train(data, chosen, model, progress=killed)
    assert not model.exists()
    assert (tmp_path / "killed" / "model.training" / "checkpoint.pt").exists()
    told: list[History] = []
    train(data, chosen, model, progress=told.append)
    assert [len(history.epochs) for history in told] == list(range(killed_after + 1, whole.epochs + 1))
    assert contents(model) == contents(tmp_path / "whole" / "model.onnx")
    return whole


@pytest.mark.parametrize("network", ["corrected", "faithful"])
def test_a_training_that_was_killed_ends_with_the_same_bytes(
    network: str, data: TaskBlocks, tmp_path: Path
) -> None:
    chosen = settings_for("toy-level", network, epochs=3, batch=16, weight_decay=1e-4, l1=1e-5, threads=1)
    assert_killed_and_gone_on_with(data, chosen, tmp_path, killed_after=2)


def test_a_killed_training_counts_its_patience_from_the_best_epoch_of_both_runs(
    data: TaskBlocks, tmp_path: Path
) -> None:
    chosen = settings(epochs=30, patience=2, learning_rate=0.3, width=2)
    whole = assert_killed_and_gone_on_with(data, chosen, tmp_path, killed_after=2)
    assert whole.epochs == whole.kept_epoch + 2 < 30


def test_a_killed_training_goes_on_along_its_cosine_with_its_pool(tmp_path: Path) -> None:
    songs = {
        split: {f"{split} {number}": [[float(number)]] * 5 for number in range(4)}
        for split in ("train", "validation", "test")
    }
    data = read_task_blocks(write_task_data(tmp_path / "data", songs))
    chosen = settings(epochs=3, pool=2, batch=4, schedule="cosine", patience=0)
    assert_killed_and_gone_on_with(data, chosen, tmp_path, killed_after=1)


def _interrupted(data: TaskBlocks, model: Path, **changes: Any) -> None:
    def killed(_: History) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(data, settings(**changes), model, progress=killed)


def test_a_killed_training_with_other_settings_is_not_gone_on_with(data: TaskBlocks, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    _interrupted(data, model)
    with pytest.raises(
        ParameterError, match=r"has not ended, with dropout 0\.3 where this one has 0\.5"
    ) as raised:
        train(data, settings(dropout=0.5), model)
    assert "--restart" in str(raised.value)
    other = dataclasses.replace(data, data_hash="f" * 64)
    with pytest.raises(ParameterError, match="has not ended, with data_hash"):
        train(other, settings(), model)
    told: list[History] = []
    train(data, settings(dropout=0.5), model, restart=True, progress=told.append)
    assert [len(history.epochs) for history in told] == [1, 2]


def test_a_folder_is_for_one_training_at_a_time(data: TaskBlocks, tmp_path: Path) -> None:
    def another(_: History) -> None:
        train(data, settings(), tmp_path / "model.onnx")

    with pytest.raises(ParameterError, match=r"model\.training is in use by another run \(process "):
        train(data, settings(), tmp_path / "model.onnx", progress=another)


def test_a_full_disk_is_said_to_be_full(
    data: TaskBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AudioFileError, match=r"checkpoint\.pt cannot be written: the disk is full"):
        train(data, settings(), tmp_path / "model.onnx")


def test_a_damaged_checkpoint_is_refused(data: TaskBlocks, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    _interrupted(data, model)
    checkpoint = tmp_path / "model.training" / "checkpoint.pt"
    for content in (checkpoint.read_bytes()[:500], b"", b"no checkpoint"):
        checkpoint.write_bytes(content)
        with pytest.raises(AudioFileError, match=r"checkpoint\.pt cannot be read .* --restart begins anew"):
            train(data, settings(), model)


def test_patience_ends_a_training_and_the_best_epoch_is_kept(
    data: TaskBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[Any] = []
    errors = iter([4.0, 3.0, 3.0, 3.5])
    train_one_epoch = steps.train_one_epoch

    def learnt(*arguments: Any) -> float:
        loss = train_one_epoch(*arguments)
        states.append(state_of(arguments[0]))
        return loss

    both_errors = scores.both_errors
    monkeypatch.setattr(training, "train_one_epoch", learnt)
    monkeypatch.setattr(training, "both_errors", lambda *given: _with_mae(both_errors(*given), next(errors)))
    told: list[History] = []
    kept: list[Any] = []
    monkeypatch.setattr(TrainingFiles, "write", lambda _, network, *__: kept.append(state_of(network)))
    results = train(data, settings(epochs=9, patience=2), tmp_path / "model.onnx", progress=told.append)
    assert (results.epochs, results.kept_epoch) == (4, 2)
    assert [epoch.best for epoch in told[-1].epochs] == [True, True, False, False]
    assert all(torch.equal(kept[0][name], states[1][name]) for name in states[1])


def _with_mae(pairs: tuple[Any, Any], mae: float) -> Any:
    return tuple(dataclasses.replace(pair, mae=mae) for pair in pairs)


def test_without_patience_all_epochs_are_gone_through(data: TaskBlocks, tmp_path: Path) -> None:
    results = train(data, settings(epochs=4, patience=0, learning_rate=1e-9), tmp_path / "model.onnx")
    assert results.epochs == 4


def _weights(data: TaskBlocks, **changes: Any) -> float:
    """Return the mean absolute weight after a training."""
    chosen = chosen_blocks(data, settings(**changes))
    network = steps.new_network(chosen, settings(**changes))
    optimizer = torch.optim.Adam(
        network.parameters(), settings(**changes).learning_rate, weight_decay=settings(**changes).weight_decay
    )
    for epoch in (1, 2):
        steps.train_one_epoch(network, optimizer, chosen.train, settings(**changes), epoch)
    values = torch.cat([values.detach().abs().ravel() for values in network.parameters() if values.ndim > 1])
    return float(values.mean())


def test_l2_and_l1_make_weights_smaller(data: TaskBlocks) -> None:
    plain = _weights(data)
    assert _weights(data, weight_decay=1.0) < 0.97 * plain
    assert _weights(data, l1=0.1) < 0.97 * plain


def test_l1_is_the_sum_of_the_absolute_weights(data: TaskBlocks) -> None:
    network = steps.new_network(chosen_blocks(data, settings()), settings())
    zeros = torch.zeros(3, 1)
    weights = [values for name, values in network.named_parameters() if re.search(r"(?<!\d)weight$", name)]
    total = sum(float(values.detach().abs().sum()) for values in weights if values.ndim > 1)
    loss = steps.loss_of(network, zeros, zeros, settings(l1=0.01)).detach()
    assert float(loss) == pytest.approx(0.01 * total, rel=1e-5)


def test_dropout_acts_in_training_alone(data: TaskBlocks) -> None:
    network = steps.new_network(chosen_blocks(data, settings()), settings(dropout=0.9))
    mel = torch.from_numpy(data.train.mel(np.arange(8)))
    network.train()
    assert not torch.equal(network(mel), network(mel))
    first, second = steps.predict(network, data.test), steps.predict(network, data.test)
    assert np.array_equal(first, second)


def test_width_is_capacity(data: TaskBlocks, tmp_path: Path) -> None:
    results = train(data, settings(epochs=1, width=2), tmp_path / "model.onnx")
    assert 0 < results.parameters < 25_465 / 8
    assert open_model(tmp_path / "model.onnx").description.parameters == results.parameters


def test_pooled_blocks_count_by_their_mean(tmp_path: Path) -> None:
    songs = {
        split: {f"{split} {number}": [[float(number)]] * 5 for number in range(3)}
        for split in ("train", "validation", "test")
    }
    data = read_task_blocks(write_task_data(tmp_path / "data", songs))
    pooled = settings(pool=5, epochs=1, dropout=0.0)
    chosen = chosen_blocks(data, pooled)
    network = steps.new_network(chosen, pooled)
    optimizer = torch.optim.SGD(network.parameters(), 0.0)
    loss = steps.train_one_epoch(network, optimizer, chosen.train, pooled, 1)
    # One batch of three songs, answered as a batch of 15 blocks.
    network.train()
    rows = np.concatenate(batches_of_epoch(chosen.train, pooled, 1))
    with torch.no_grad():
        answers = network(torch.from_numpy(chosen.train.mel(rows.ravel()))).numpy().reshape(3, 5)
    error = np.abs(answers.mean(axis=1) - chosen.train.targets[rows[:, 0], 0]) / float(network.scale)
    assert loss == pytest.approx(error.mean(), rel=1e-4)


def test_a_loss_that_is_no_number_is_told_and_nothing_is_lost(
    data: TaskBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss_of, batches = steps.loss_of, [0]

    def fails(*arguments: Any) -> Any:
        batches[0] += 1
        return loss_of(*arguments) * (float("nan") if batches[0] == 5 else 1.0)

    monkeypatch.setattr(steps, "loss_of", fails)
    model = tmp_path / "model.onnx"
    with pytest.raises(TrainingError, match=r"the loss is nan in epoch 2, batch 2 \(songs train") as raised:
        train(data, settings(epochs=4), model)
    assert "model.onnx is the network after epoch 1" in str(raised.value)
    assert (tmp_path / "model.training" / "history.jsonl").exists()
    assert open_model(model).description.task == "toy-level"
    assert read_results(tmp_path / "model.training" / "results.json").stopped.startswith("the loss is nan")


def test_a_loss_that_is_no_number_from_the_beginning(
    data: TaskBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "loss_of", lambda *_: torch.tensor(float("inf")))
    with pytest.raises(TrainingError, match="the loss is inf in epoch 1, batch 1"):
        train(data, settings(), tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def _with_a_bad_block(folder: Path, split: str) -> TaskBlocks:
    songs = level_songs()
    bad = songs[split][f"{split} 1"][3][0]

    def mel(rng: np.random.Generator, target: Any) -> Mel:
        made = noise_mel(rng, target)
        if target[0] == bad:
            made[1, 5, 5] = np.nan
        return made

    return read_task_blocks(write_task_data(folder, songs, mel=mel))


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_mel_blocks_that_are_not_finite_are_named_before_anything_is_learnt(
    split: str, tmp_path: Path
) -> None:
    data = _with_a_bad_block(tmp_path / "data", split)
    told: list[History] = []
    message = rf"block 3 of song {split} 1, in {split}/00000\.tar, holds NaN or infinity: make the task data"
    with pytest.raises(AudioFileError, match=message):
        train(data, settings(), tmp_path / "model.onnx", progress=told.append)
    assert told == []
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_network_whose_answers_to_test_songs_are_no_numbers_is_not_lost(
    data: TaskBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = steps.predict

    def fails(network: Any, blocks: Any) -> Any:
        if blocks is data.test:
            raise TrainingError("the network answers inf to block 0 of song test 0")
        return predict(network, blocks)

    model = tmp_path / "model.onnx"
    with monkeypatch.context() as patch:
        patch.setattr(training, "predict", fails)
        patch.setattr(training, "chosen_blocks", lambda *given: _with_test(chosen_blocks(*given), data.test))
        with pytest.raises(TrainingError, match=r"test 0; .*checkpoint\.pt keeps the network after epoch \d"):
            train(data, settings(), model)
    told: list[History] = []
    train(data, settings(), model, progress=told.append)
    assert told == []  # no epoch is gone through again
    assert model.exists()


def _with_test(chosen: Any, test: Any) -> Any:
    return dataclasses.replace(chosen, test=test)


def test_a_network_learns_what_was_put_in(tmp_path: Path) -> None:
    data = read_task_blocks(write_task_data(tmp_path / "data", level_songs(train=8, blocks=12)))
    chosen = settings(epochs=12, patience=0, batch=8, dropout=0.0, learning_rate=3e-3)
    results = train(data, chosen, tmp_path / "model.onnx")
    network, constant = (results.of("test", "snippet", who).mae.mean for who in ("network", "median"))
    assert network < constant / 2.0


def test_a_device_that_is_not_here_is_refused(data: TaskBlocks, tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(ParameterError, match="there is no device cuda here: torch can use"):
        train(data, settings(device="cuda"), tmp_path / "model.onnx")


def test_the_number_of_threads_is_left_as_it_was(data: TaskBlocks, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    results: TrainingResults = train(data, settings(epochs=1, threads=before + 1), tmp_path / "model.onnx")
    assert results.device == f"cpu, {before + 1} threads"
    assert torch.get_num_threads() == before
