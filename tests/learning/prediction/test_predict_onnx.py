"""`mixrules predict` with ONNX files, in processes of its own: the whole way from a network to a comparison."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from corpus.batch.songs import put

from mixrules import MixPlan, load_stems
from mixrules.learning import open_model, plan_with
from mixrules.learning.prediction.song_blocks import mel_blocks_of

torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
pytest.importorskip("onnx", reason="onnx is not installed: make test-deep has it")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: make test-deep has it")

if TYPE_CHECKING:
    from cli_runner import Run

    from mixrules.learning.network.mel_network import MelNetwork

QUICK = ("--preset", "survey-2022", "--without", "compression")


@pytest.fixture
def network(tmp_path: Path) -> MelNetwork:
    """An untrained network for level, written to ``level.onnx``; beside it songs."""
    from mixrules.learning import ModelDescription
    from mixrules.learning.model_files.onnx_export import write_model
    from mixrules.learning.network.mel_network import MelNetwork
    from mixrules.learning.network.switches import Switches

    torch.manual_seed(3)
    network = MelNetwork(1, switches=Switches(), levels="hidden", offset=[-3.0], scale=[4.0])
    network.eval()
    write_model(network, ModelDescription(task="level", medians=(-2.5,)), tmp_path / "level.onnx")
    for number, name in enumerate(("One", "Two")):
        put(tmp_path / "songs", name, seconds=3.2, seed=number)
    return network


def test_a_plan_says_what_the_network_answers(run: Run, tmp_path: Path, network: MelNetwork) -> None:
    done = run("predict", "songs", "--model", "level.onnx", *QUICK, "-o", "deep", "--workers", "2")
    assert (done.returncode, done.stderr) == (0, "")
    (batch,) = mel_blocks_of(load_stems(tmp_path / "songs" / "One"))
    with torch.no_grad():
        answers = network(torch.from_numpy(batch.mel)).numpy()[:, 0]
    made = MixPlan.load(tmp_path / "deep" / "One.plan.json")
    (said,) = [decision for decision in made.decisions if decision.rule == "model"]
    values = {quantity.name: quantity.value for quantity in said.measured}
    assert values["vocal_to_backing_lu, mean of 2 snippets"] == pytest.approx(answers.mean(), abs=1e-4)
    assert values["vocal_to_backing_lu, median of the training targets"] == -2.5
    with open(tmp_path / "deep" / "answers.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["song"] == "One"]
    assert [float(row["vocal_to_backing_lu"]) for row in rows] == pytest.approx(answers, abs=1e-4)
    settings = json.loads((tmp_path / "deep" / "run.json").read_text(encoding="utf-8"))["settings"]
    assert settings["models"]["level"].startswith("level.onnx, SHA-256 ")


def test_a_file_and_a_function_that_answer_the_same_decide_the_same(
    tmp_path: Path, network: MelNetwork
) -> None:
    def level(mel: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return np.asarray(network(torch.from_numpy(mel)).numpy())

    song = tmp_path / "songs" / "One"
    by_file = plan_with(song, {"level": tmp_path / "level.onnx"}, rules="survey-2022")
    opened = plan_with(song, {"level": open_model(tmp_path / "level.onnx")}, rules="survey-2022")
    by_function = plan_with(song, {"level": level}, rules="survey-2022")
    assert opened == by_file
    assert by_file.stems == by_function.stems


def test_a_file_says_that_it_reads_the_level_and_which_songs_it_has_seen(
    run: Run, tmp_path: Path, network: MelNetwork
) -> None:
    from mixrules.learning import ModelDescription
    from mixrules.learning.model_files.onnx_export import write_model
    from mixrules.learning.model_files.training_songs import TrainingSongs

    described = ModelDescription(
        task="level",
        levels="given",
        verdict="level: the network loses to the constant",
        training_songs=TrainingSongs.of(["Two", "Six"]),
    )
    write_model(network, described, tmp_path / "meter.onnx")
    done = run("predict", "songs", "--model", "meter.onnx", *QUICK)
    reads = (
        "meter.onnx was trained to read the level as given; it does not decide how loud the vocal should be"
    )
    assert done.stdout.splitlines()[2:5] == [
        "meter.onnx, when it was trained: level: the network loses to the constant",
        reads,
        "meter.onnx was trained on 1 of 2 songs, as their plans note",
    ]
    one, two = (MixPlan.load(tmp_path / "deep_plans" / f"{name}.plan.json").notes for name in ("One", "Two"))
    assert reads in one
    assert [note for note in two if "trained on this song" in note]
    assert not [note for note in one if "trained on this song" in note]
    made = plan_with(tmp_path / "songs" / "One", {"level": tmp_path / "meter.onnx"}, rules="survey-2022")
    assert reads in made.notes


def test_what_is_no_model_of_ours_is_one_line(run: Run, tmp_path: Path, network: MelNetwork) -> None:
    (tmp_path / "mine.onnx").write_text("no model", encoding="utf-8")
    for path, message in (
        ("mine.onnx", "mine.onnx is not an ONNX file"),
        ("none.onnx", "none.onnx does not exist"),
    ):
        done = run("predict", "songs", "--model", path)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert message in done.stderr
