from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import click
import pytest
from cli_runner import Run  # noqa: TC002
from task_data import level_songs, write_task_data

from mixrules.cli import task_options, train
from mixrules.corpus.tasks import TASKS
from mixrules.errors import TrainingError
from mixrules.learning.network.switches import NAMES
from mixrules.learning.training.settings import settings_for


def test_tasks_and_switches_are_those_that_there_are() -> None:
    assert task_options.TASKS == TASKS
    assert train._SWITCHES == NAMES


def test_usual_values_in_the_help_are_those_of_the_settings() -> None:
    usual = settings_for("level")
    shown = {
        option.name: option.help.rpartition("[default: ")[2].rstrip("].")
        for option in train.command.params
        if isinstance(option, click.Option) and option.help and "[default: " in option.help
    }
    for name in (
        "patience",
        "loss",
        "learning_rate",
        "weight_decay",
        "l1",
        "dropout",
        "width",
        "seed",
    ):
        assert type(getattr(usual, name))(shown[name].partition(";")[0]) == getattr(usual, name), name
    assert shown["shuffle"] == usual.shuffle
    pooled = settings_for("eq")
    published = [settings_for(task, "faithful") for task in TASKS]
    batches = sorted({settings.batch for settings in published})
    assert shown["batch"] == (
        f"{usual.batch}, {pooled.batch} for songs; faithful: {' or '.join(map(str, batches))}"
    )
    for name in ("patience", "loss"):
        (value,) = {getattr(settings, name) for settings in published}
        assert shown[name].endswith(f"; faithful: {value}")
    assert shown["pool"] == (
        f"{pooled.pool} for eq, compression and reverb, else {usual.pool}; faithful: for eq alone"
    )
    for task, epochs in (("level", 1), ("compression", 3), ("eq", 200), ("reverb", 500)):
        assert f"{epochs} for {task}" in shown["epochs"]
        assert settings_for(task, "faithful").epochs == epochs
    assert shown["epochs"].startswith(f"{usual.epochs};")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that lets a package be absent."""

    def absent(package: str) -> None:
        from mixrules._support import installed

        found = installed.is_installed
        monkeypatch.setattr(installed, "is_installed", lambda name: name != package and found(name))
        imported = builtins.__import__

        def refuse(name: str, *rest: Any, **more: Any) -> Any:
            if name.split(".")[0] == package:
                raise ImportError(f"No module named {package!r}")
            return imported(name, *rest, **more)

        monkeypatch.setattr(builtins, "__import__", refuse)

    return absent


def test_without_torch_one_line_says_what_to_install(run: Run, without: Any) -> None:
    without("torch")
    done = run("train", "level", "train", "-o", "level.onnx")
    assert done.returncode == 2
    assert done.stderr.startswith("mixrules: mixrules train needs torch")
    assert done.stderr.endswith("pip install 'mixrules[deep]'\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def with_torch() -> None:
    for package in ("torch", "onnx", "onnxruntime"):
        pytest.importorskip(package, reason=f"{package} is not installed: make test-deep has it")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_task_data(tmp_path / "train", level_songs(train=4, blocks=4))


USUAL = ("--epochs", 1, "--threads", 1, "--device", "cpu")


@pytest.mark.usefixtures("with_torch", "data")
def test_train_says_how_it_goes_and_which_is_better_in_its_last_line(run: Run, tmp_path: Path) -> None:
    done = run("train", "toy-level", "train", "-o", "new/level.onnx", *USUAL)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    results = json.loads((tmp_path / "new" / "level.training" / "results.json").read_text())
    assert lines[-1] == results["verdict"]
    assert lines[-2] == "wrote new/level.onnx and new/level.training"
    assert any(line.split()[:1] == ["1/1"] for line in lines)
    assert "test, 3 songs" in lines
    assert sum(line.startswith("  by song") for line in lines) == 9
    assert (tmp_path / "new" / "level.training" / "curves.png").exists()


@pytest.mark.usefixtures("with_torch", "data")
def test_train_replaces_nothing_unasked_and_is_quiet(run: Run, tmp_path: Path) -> None:
    assert run("train", "toy-level", "train", "-o", "level.onnx", *USUAL, "-q").stdout == ""
    before = (tmp_path / "level.onnx").read_bytes()
    done = run("train", "toy-level", "train", "-o", "level.onnx", *USUAL, "--seed", 1)
    assert done.returncode == 2
    assert done.stderr == (
        "mixrules: level.onnx exists already: name another with -o, or --force replaces it\n"
    )
    assert (
        run("train", "toy-level", "train", "-o", "level.onnx", *USUAL, "--seed", 1, "--force").returncode == 0
    )
    assert (tmp_path / "level.onnx").read_bytes() != before


@pytest.mark.usefixtures("with_torch")
def test_without_onnxruntime_nothing_is_trained(run: Run, without: Any) -> None:
    without("onnxruntime")
    done = run("train", "level", "train", "-o", "level.onnx")
    assert done.returncode == 2
    assert done.stderr == (
        "mixrules: mixrules train needs onnxruntime, which is not installed: pip install 'mixrules[predict]'\n"
    )


@pytest.fixture
def not_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loss be no number in the second epoch of a training."""
    from mixrules.learning.training import loop, steps

    train_one_epoch = steps.train_one_epoch

    def fails(*given: Any) -> float:
        if given[-1] == 2:
            raise TrainingError("the loss is nan in epoch 2, batch 1")
        return train_one_epoch(*given)

    monkeypatch.setattr(loop, "train_one_epoch", fails)


@pytest.mark.usefixtures("with_torch", "data", "not_a_number")
@pytest.mark.parametrize("sweep", [(), ("--sweep", "1,1/2")])
def test_after_a_loss_that_is_no_number_there_are_pictures_and_a_verdict(
    sweep: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    done = run("train", "toy-level", "train", "-o", "level.onnx", *USUAL, "--epochs", 3, *sweep)
    assert done.returncode == 2
    first = "level.training/fraction-0.5.onnx" if sweep else "level.onnx"
    assert done.stderr == (
        f"mixrules: the loss is nan in epoch 2, batch 1; {first} is the network after epoch 1\n"
    )
    results = json.loads((tmp_path / "level.training" / "results.json").read_text())
    assert results["stopped"] == "the loss is nan in epoch 2, batch 1"
    assert done.stdout.splitlines()[-1] == results["verdict"]
    for name in ("level.onnx", "level.training/curves.png", "level.training/report.html"):
        assert (tmp_path / name).exists(), name


@pytest.mark.usefixtures("with_torch")
def test_outliers_that_can_do_nothing_are_said(run: Run, tmp_path: Path) -> None:
    songs = {
        split: {f"{split} {n}": [[0.0]] * 4 for n in range(3)} for split in ("train", "validation", "test")
    }
    write_task_data(tmp_path / "train", songs)
    done = run("train", "toy-level", "train", "-o", "level.onnx", *USUAL, "--outliers", 3.5)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line.startswith("note: ")] == [
        "note: outliers 3.5 leaves out no block by any output: half or more of the training targets are the same, or "
        "there are fewer than five"
    ]


@pytest.mark.usefixtures("with_torch", "data")
def test_a_sweep_lists_its_fractions(run: Run, tmp_path: Path) -> None:
    done = run("train", "toy-level", "train", "-o", "level.onnx", *USUAL, "--sweep", "1,1/4,1/2")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if "training songs  test MAE" in line]
    assert [row[:2] for row in rows] == [["0.25", "1"], ["0.5", "2"], ["1", "4"]]
    assert (tmp_path / "level.training" / "fraction-0.25.onnx").exists()


@pytest.mark.usefixtures("with_torch", "data")
def test_options_reach_the_training(run: Run, tmp_path: Path) -> None:
    options = {
        "network": "faithful",
        "patience": 3,
        "batch": 5,
        "loss": "absolute",
        "learning_rate": 0.01,
        "weight_decay": 0.001,
        "l1": 0.0001,
        "dropout": 0.1,
        "width": 3,
        "shuffle": "song",
        "outliers": 3.5,
        "fraction": 0.5,
        "seed": 7,
    }
    given = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
    given += ["--off", "unshuffled", "--off", "power_input"]
    done = run("train", "toy-level", "train", "-o", "level.onnx", *USUAL, *given, "-q")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads((tmp_path / "level.training" / "results.json").read_text())["settings"]
    assert {name: found[name] for name in options} == options
    assert not found["switches"]["unshuffled"]
    assert found["switches"]["fixed_epoch"]


@pytest.mark.usefixtures("with_torch", "data")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("level", "train", "-o", "a.onnx"), "train is task data of toy-level, not of level"),
        (("toy-level", "nowhere", "-o", "a.onnx"), "nowhere/dataset.json does not exist"),
        (("toy-level", "train", "-o", "a.pt"), "a.pt must end in .onnx"),
        (("toy-level", "train", "-o", "train/dataset.json/a.onnx"), "is a file, not a folder"),
        (("toy-level", "train", "-o", "a.onnx", "--dropout", "1"), "dropout must be 0 to 0.99, got 1"),
        (("toy-level", "train", "-o", "a.onnx", "--fraction", "0"), "fraction must be above 0"),
        (("toy-level", "train", "-o", "a.onnx", "--fraction", "half"), "'half' is no fraction"),
        (("toy-level", "train", "-o", "a.onnx", "--fraction", "1/2", "--sweep", "1,1/2"), "choose one of"),
        (("toy-level", "train", "-o", "a.onnx", "--sweep", "1"), "a sweep needs two or more fractions"),
        (("toy-level", "train", "-o", "a.onnx", "--pool", "2"), "pool must be 1 where blocks of a song have"),
        (
            ("toy-level", "train", "-o", "a.onnx", "--on", "unshuffled", "--off", "unshuffled"),
            "switch unshuffled is to be on and off",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_line(
    arguments: tuple[str, ...], message: str, run: Run, tmp_path: Path
) -> None:
    done = run("train", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["train"]
