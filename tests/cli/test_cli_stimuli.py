"""`mixrules stimuli` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_runner import Run  # noqa: TC002
from listening.song_folders import make
from synthetic import RATE

from mixrules.files import write_audio


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    make(tmp_path, seconds=4.0)
    return tmp_path


def test_a_test_is_made_and_told(run: Run, songs: Path) -> None:
    done = run(
        *("stimuli", "songs/one", "songs/two", "--conditions", "none,human=human,model=model", "-o", "test"),
        *("--seed", 3, "--seconds", 2, "--no-training", "--at", "one=1.5"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "one: It starts at 1.5 s, as was asked for."
    assert lines[-2].startswith("6 stimuli, largest spread within a song 0.000 LU")
    assert lines[-2].endswith("seed 3")
    assert lines[-1] == "wrote test (test.toml says what it asks); next: mixrules listen test"
    assert json.loads((songs / "test" / "report.json").read_text())["seed"] == 3
    again = run("stimuli", "songs/one", "--conditions", "none,equal", "-o", "test", "--no-training")
    assert again.returncode == 2
    assert "test is not empty" in again.stderr


@pytest.mark.parametrize("at", [(), ("--at", "1")])
def test_a_silent_vocal_is_told(at: tuple[str, ...], run: Run, songs: Path) -> None:
    write_audio(songs / "songs" / "one" / "vocals.wav", np.zeros(4 * RATE), RATE)
    done = run(
        *("stimuli", "songs/one", "--conditions", "none,equal", "-o", "test", "--seconds", 2),
        *("--no-training", *at),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "  vocals.wav: silent, left alone" in done.stdout.splitlines()


def test_a_seed_is_drawn_and_recorded_and_quiet_is_quiet(run: Run, songs: Path) -> None:
    words = ("stimuli", "songs/one", "--conditions", "none,equal", "--seconds", 2, "--no-training", "-q")
    assert run(*words, "-o", "a").stdout == ""
    run(*words, "-o", "b")
    seeds = [json.loads((songs / name / "report.json").read_text())["seed"] for name in "ab"]
    assert seeds[0] != seeds[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--conditions", "none"), "a comparison needs 2 conditions or more, got 1"),
        (("--conditions", "none,deep"), "there is no system 'deep'"),
        (("--conditions", "none,model=nowhere"), "nowhere does not exist"),
        (("--conditions", "none,human"), "no human mix beside its stems"),
        (("--conditions", "none,equal", "--at", "soon"), "--at takes SECONDS or SONG=SECONDS, got 'soon'"),
        (("--conditions", "none,equal", "--at", "nan"), "--at takes SECONDS or SONG=SECONDS, got 'nan'"),
        (("--conditions", "none,equal", "--at", "songs=inf"), "got 'songs=inf'"),
        (("--conditions", "none,equal", "--seconds", "nan"), "'nan' is not a finite number"),
        (("--conditions", "none,equal", "--target", "inf"), "'inf' is not a finite number"),
        (("--conditions", "none,equal", "--at", "x=1"), "an excerpt is set for 'x'"),
        (("--conditions", "none,equal", "--seconds", "9"), "one lasts 4.00 s, an excerpt of 9 s is longer"),
        (("--conditions", "none,,equal"), "the systems: an item of 'none,,equal' is empty"),
        (("--conditions", "none,equal", "--attributes", ","), "no attribute is named"),
        (("--conditions", "none,equal", "--attributes", "eq, ,reverb"), "an item of 'eq, ,reverb' is empty"),
        (("--conditions", "none,equal", "--training-song", "no"), "no does not exist"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    words: tuple[str, ...], says: str, run: Run, songs: Path
) -> None:
    before = sorted(p.name for p in songs.iterdir())
    done = run("stimuli", "songs/one", "-o", "test", "--seconds", "2", *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert sorted(p.name for p in songs.iterdir()) == before
