"""`mixrules predict`: a folder of songs, a song, a data set; what it prints and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from corpus.batch.songs import put
from learning.prediction.model_stand_in import open_numbers, write_numbers

from mixrules import MixPlan
from mixrules.cli.corpus_options import CorpusRun
from mixrules.corpus.work.workers import InThisProcess

if TYPE_CHECKING:
    from cli_runner import Run

QUICK = ("--preset", "survey-2022", "--without", "eq", "--without", "reverb", "--without", "compression")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let this process do the work, with models that need no onnxruntime; make the songs."""
    open_numbers(monkeypatch)
    monkeypatch.setattr(CorpusRun, "who", lambda _: InThisProcess())
    put(tmp_path / "songs", "test/One", seconds=3.2, seed=1)
    put(tmp_path / "songs", "test/Two", seconds=3.2, seed=2)
    write_numbers(tmp_path / "level.onnx", "level", -5.0)


def test_a_folder_of_songs_and_a_data_set(run: Run, tmp_path: Path) -> None:
    (tmp_path / "songs/test/Two/vocals.wav").unlink()
    done = run("predict", "songs/test", "--model", "level.onnx", *QUICK)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("2 done, 0 kept, 0 failed; ")
    assert lines[1:] == [
        "level.onnx: vocal_to_backing_lu -4.95 (1 of 2 songs)",
        "the plans are in deep_plans, for mixrules compare --systems default,deep=deep_plans",
    ]
    assert MixPlan.load(tmp_path / "deep_plans/One.plan.json").made_by.endswith(
        "preset survey-2022 with level.onnx"
    )
    done = run("predict", "songs", "--layout", "musdb18hq", "--model", "level.onnx", *QUICK, "-o", "plans")
    assert done.returncode == 2
    assert done.stderr == "mixrules: test/Two: vocals.wav is missing\n"
    assert "level.onnx: vocal_to_backing_lu -4.95 (1 song)\n" in done.stdout
    assert (tmp_path / "plans/test/One.plan.json").is_file()


def test_last_lines_say_what_makes_the_plans_no_test_of_a_model(run: Run, tmp_path: Path) -> None:
    write_numbers(tmp_path / "meter.onnx", "level", -5.0, reads_level=True, trained_on=["One"])
    done = run("predict", "songs/test", "--model", "meter.onnx", *QUICK)
    assert done.stdout.splitlines()[2:4] == [
        "meter.onnx was trained to read the level as given; it does not decide how loud the vocal should be",
        "meter.onnx was trained on 1 of 2 songs, as their plans note",
    ]


def test_constants_of_the_steps_in_the_place_of_rules_can_be_set(run: Run, tmp_path: Path) -> None:
    write_numbers(tmp_path / "eq.onnx", "eq", *range(9))
    write_numbers(tmp_path / "reverb.onnx", "reverb", 1.2, 12.0, 120.0, 9000.0, 20.0, -5.0, -20.0, -12.0)
    models = ("--model", "eq.onnx", "--model", "reverb.onnx", "--preset", "survey-2022")
    changed = ("--set", "eq.model_bands=1", "--set", "reverb.model_wet_db=-20,-20")
    done = run("predict", "songs/test/One", *models, *changed)
    assert (done.returncode, done.stderr) == (0, "")
    made = MixPlan.load(tmp_path / "deep_plans/One.plan.json")
    assert len(made.stem("vocals").equalizer.bands) == 1
    assert "wet_db -20" in " ".join(decision.sentence for decision in made.decisions)


def test_a_single_song_and_a_model_that_cannot_be_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "songs/test/Two/vocals.wav").unlink()
    done = run("predict", "songs/test/Two", "--model", "level.onnx", *QUICK)
    assert done.returncode == 0
    assert (
        "level.onnx: vocal_to_backing_lu of no song: the rules decide alone, as the plans say\n"
        in done.stdout
    )
    assert sorted(path.name for path in (tmp_path / "deep_plans").glob("*.plan.json")) == ["Two.plan.json"]
    assert run("predict", "songs/test/Two", "--model", "level.onnx", *QUICK, "--quiet").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["songs/test"], "--model is missing"),
        (
            ["songs/test", "--model", "level.onnx", "--model", "other.onnx"],
            "level.onnx and other.onnx both take the place of rule level: leave one out",
        ),
        (
            ["songs/test", "--model", "level.onnx", "--without", "level"],
            "level.onnx takes the place of step level:vocal_to_backing or level:by_role, rule set default has neither",
        ),
        (
            ["songs/test", "--model", "level.onnx", "--set", "level.vocal_to_backing_lu=-2"],
            "--set level.vocal_to_backing_lu contradicts level.onnx, which takes its place: leave one out",
        ),
        (["songs/test/One", "--model", "level.onnx", "--only", "One"], "--only chooses among songs"),
        (["nowhere", "--model", "level.onnx"], "nowhere does not exist"),
    ],
)
def test_what_cannot_be_is_one_line_and_makes_nothing(
    run: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    write_numbers(tmp_path / "other.onnx", "level", 1.0)
    done = run("predict", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "deep_plans").exists()
