from __future__ import annotations

from pathlib import Path

import pytest
from task_data import level_songs, write_task_data

torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
pytest.importorskip("onnx", reason="onnx is not installed: make test-deep has it")

from mixrules.errors import ParameterError  # noqa: E402
from mixrules.learning.training.history import History  # noqa: E402
from mixrules.learning.training.loop import train  # noqa: E402
from mixrules.learning.training.settings import settings_for  # noqa: E402
from mixrules.learning.training.sweep import sweep  # noqa: E402

SETTINGS = settings_for("toy-level", epochs=1, device="cpu", threads=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task_data(tmp_path_factory.mktemp("data") / "train", level_songs(train=8, blocks=4))


def test_a_sweep_trains_on_each_fraction_and_judges_by_the_same_songs(folder: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    points = sweep(folder, SETTINGS, [1.0, 0.25, 0.5], model)
    assert [point.fraction for point in points] == [0.25, 0.5, 1.0]
    assert [point.history.training_songs for point in points] == [2, 4, 8]
    assert [point.results.songs["test"] for point in points] == [3, 3, 3]
    beside = tmp_path / "model.training"
    assert sorted(path.name for path in beside.glob("*.onnx")) == ["fraction-0.25.onnx", "fraction-0.5.onnx"]
    alone = train(folder, SETTINGS, tmp_path / "alone.onnx")
    assert points[-1].results.plain() == alone.plain()
    assert model.read_bytes() == (tmp_path / "alone.onnx").read_bytes()


def test_a_sweep_that_was_killed_keeps_what_was_finished(folder: Path, tmp_path: Path) -> None:
    def killed(history: History) -> None:
        if history.training_songs == 8:
            raise KeyboardInterrupt

    model = tmp_path / "model.onnx"
    with pytest.raises(KeyboardInterrupt):
        sweep(folder, SETTINGS, [1.0, 0.5], model, progress=killed)
    finished = tmp_path / "model.training" / "fraction-0.5.onnx"
    before = finished.stat().st_mtime_ns
    told: list[int] = []
    points = sweep(
        folder, SETTINGS, [1.0, 0.5], model, progress=lambda found: told.append(found.training_songs)
    )
    assert told == []  # the epoch of the other one was complete, too
    assert finished.stat().st_mtime_ns == before
    assert [point.results.songs["train"] for point in points] == [4, 8]
    sweep(folder, SETTINGS, [1.0, 0.5], model, restart=True, progress=lambda h: told.append(h.training_songs))
    assert told == [4, 8]


@pytest.mark.parametrize("fractions", [[], [1.0], [0.5, 1.0, 0.5]])
def test_a_sweep_needs_several_fractions(fractions: list[float], folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="two or more fractions, each once"):
        sweep(folder, SETTINGS, fractions, tmp_path / "model.onnx")


def test_a_fraction_of_nothing_is_refused_before_anything_is_trained(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="fraction must be above 0 and at most 1, got 0"):
        sweep(folder, SETTINGS, [1.0, 0.0], tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []
