"""The whole way, command after command: songs, truth, task data, a network, its plans, a comparison, a listening test."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from cli_runner import Run  # noqa: TC002
from synthetic import RATE, band

from mixrules import MixPlan, integrated_loudness
from mixrules.corpus.work.workers import InThisProcess
from mixrules.files import read_audio, write_audio

pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: make test-deep has it")

SECONDS = 3.2
VOCAL_DB = {"song 1": -6.0, "song 2": 0.0, "song 3": 3.0}
CONDITIONS = ("random", "survey-2022", "deep", "default", "human")


@pytest.fixture
def songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three songs whose stems are at the balance of the human mix that lies beside them."""
    monkeypatch.setattr("mixrules.cli.corpus_options.CorpusRun.who", lambda _run: InThisProcess())
    for number, (name, vocal_db) in enumerate(VOCAL_DB.items()):
        folder = tmp_path / "songs" / name
        folder.mkdir(parents=True)
        stems = {stem: np.roll(audio, 4410 * number) for stem, audio in band(SECONDS).items()}
        stems["vocals"] = stems["vocals"] * 10 ** (vocal_db / 20)
        for stem, audio in stems.items():
            write_audio(folder / f"{stem}.wav", 0.3 * audio, RATE)
        mix = 0.3 * sum(stems.values())
        write_audio(folder / "mixture.wav", np.stack([mix, mix], axis=1), RATE)
    return tmp_path / "songs"


def test_from_songs_to_a_comparison_and_a_listening_test(run: Run, songs: Path) -> None:
    def command(*words: object) -> str:
        done = run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    command("extract", "songs", "-o", "truth")
    command("dataset", "truth", "--task", "level", "--seed", 1, "-o", "train")
    said = command("train", "level", "train", "-o", "level.onnx", "--epochs", 2, "--device", "cpu")
    assert "constant" in said.splitlines()[-1]
    scored = command(
        *("predictions", "level.training/test_answers.csv", "--truth", "level.training/test_truth.csv")
    )
    assert "vocal_to_backing_lu" in scored

    command("predict", "songs", "--model", "level.onnx", "-o", "deep_plans")
    answers = mean_answers(Path("deep_plans/answers.csv"))
    assert set(answers) == set(VOCAL_DB)
    for song, answer in answers.items():
        [level] = [
            statement
            for decision in MixPlan.load(f"deep_plans/{song}.plan.json").decisions
            for statement in decision.statements
            if statement.kind == "vocal_to_backing_lu"
        ]
        assert level.stated == pytest.approx(answer, abs=0.006)  # sentences have two decimals
        assert level.measured == pytest.approx(answer, abs=0.2)

    systems = "none,equal,survey-2022,default,deep=deep_plans/,human"
    command("compare", "songs", "--systems", systems, "--groups", "balance", "--excerpt-s", 0, "-o", "report")
    with open("report/values.csv", encoding="utf-8") as file:
        errors = {
            row["song"]: float(row["value"])
            for row in csv.DictReader(file)
            if (row["system"], row["measure"]) == ("deep", "vocal_to_backing_error_lu")
        }
    expected = {song: abs(answer - human_level(songs / song)) for song, answer in answers.items()}
    assert errors == pytest.approx(expected, abs=0.2)

    named = ",".join("deep=deep_plans/" if name == "deep" else name for name in CONDITIONS)
    command(
        *("stimuli", *sorted(songs.iterdir()), "--conditions", named, "--seconds", 2, "--seed", 1),
        *("--no-training", "-o", "test"),
    )
    key = json.loads(Path("test/key.json").read_text(encoding="utf-8"))
    pages = {page["song"]: {stimulus["condition"] for stimulus in page["stimuli"]} for page in key["pages"]}
    assert pages == {song: set(CONDITIONS) for song in VOCAL_DB}


def human_level(song: Path) -> float:
    """Return how loud the vocal is against the other stems, as they are."""
    stems = {path.stem: read_audio(path).audio for path in song.glob("*.wav") if path.stem != "mixture"}
    stereo = {name: np.broadcast_to(audio, (len(audio), 2)) for name, audio in stems.items()}
    backing = np.sum([audio for name, audio in stereo.items() if name != "vocals"], axis=0)
    return integrated_loudness(stereo["vocals"], RATE) - integrated_loudness(backing, RATE)


def mean_answers(path: Path) -> dict[str, float]:
    """Return the mean of a table's answers for each song."""
    of_song: dict[str, list[float]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            of_song.setdefault(row["song"], []).append(float(row["vocal_to_backing_lu"]))
    return {song: float(np.mean(values)) for song, values in of_song.items()}
