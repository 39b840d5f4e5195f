"""The commands that evaluate: compare, score and predictions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_runner import Run  # noqa: TC002
from mixed_songs import GAINS_DB, write_songs
from synthetic import RATE

from mixrules.files import write_audio


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_songs(tmp_path_factory.mktemp("songs"))


def test_the_command(run: Run, songs: Path, tmp_path: Path) -> None:
    arguments = ("compare", str(songs), "--systems", "none,human", "--groups", "balance", "--excerpt-s", "1")
    done = run(*arguments, "--without", "eq", "-o", str(tmp_path / "report"))
    assert done.returncode == 0, done.stderr
    assert "default-without-eq" in done.stdout
    assert (tmp_path / "report" / "plans" / "default-without-eq" / "one.plan.json").is_file()
    again = run(*arguments, "--without", "eq", "-o", str(tmp_path / "report"))
    assert "kept from an earlier run: 10 of 10 mixes" in again.stdout


def test_score_by_command(run: Run, songs: Path) -> None:
    one, two = (str(songs / name / "mixture.wav") for name in GAINS_DB)
    done = run("score", one, "--reference", two, "--json")
    values = json.loads(done.stdout)["values"]
    assert values["octave_spectrum_distance_db"] > 0.1
    assert values["stem_balance_error_lu"] is None
    same = run("score", one, "--reference", one, "--groups", "spectrum", "--explain")
    assert "octave_spectrum_distance_db" in same.stdout
    assert "better: lower" in same.stdout
    folders = (str(songs / name) for name in GAINS_DB)
    stems = run(
        "score",
        one,
        "--reference",
        two,
        "--stems",
        next(folders),
        "--reference-stems",
        next(folders),
        "--json",
    )
    assert json.loads(stems.stdout)["values"]["stem_balance_error_lu"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{songs}", "--systems", "nonsense"), "there is no system 'nonsense'"),
        (("{songs}/nowhere",), "nowhere is no folder"),
        (("{songs}", "--reference", "human={songs}/nowhere"), "does not exist"),
        (
            ("{songs}", "--groups", "nonsense", "--systems", "none"),
            "there is no group of measures 'nonsense'",
        ),
        (("{songs}", "--groups", "width,,dynamics"), "--groups: an item of 'width,,dynamics' is empty"),
        (("{songs}", "--groups", "width, width"), "the group of measures 'width' is named twice"),
        (("{songs}", "--groups", ""), "no group of measures is named: there are balance"),
        (("{songs}", "--systems", "none,equal,"), "--systems: an item of 'none,equal,' is empty"),
        (("{songs}", "--without", "nonsense"), "has no rule 'nonsense'"),
        (("{songs}", "--seed=-1", "--systems", "none"), "seed must be 0 or more, got -1"),
        (("{songs}/one",), "holds no songs"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    run: Run, songs: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    given = [argument.format(songs=songs) for argument in arguments]
    done = run("compare", *given, "-o", str(tmp_path / "report"))
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("silent", ["mix", "reference"])
def test_score_tells_of_silence(run: Run, songs: Path, tmp_path: Path, silent: str) -> None:
    write_audio(tmp_path / "silent.wav", np.zeros((4 * RATE, 2)), RATE)
    pair = [songs / "one" / "mixture.wav", tmp_path / "silent.wav"]
    mix, reference = pair if silent == "reference" else reversed(pair)
    done = run("score", mix, "--reference", reference, "--groups", "spectrum")
    assert (done.returncode, done.stderr) == (0, "")
    notes = [line for line in done.stdout.splitlines() if line.startswith("note: ")]
    assert notes == [
        "note: silent.wav is silent: what needs its loudness is not defined, and the rest says little"
    ]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("width,", "--groups: an item of 'width,' is empty"),
        ("width,spectrum,width", "the group of measures 'width' is named twice"),
        (" ", "no group of measures is named"),
        ("loudness", "there is no group of measures 'loudness'"),
    ],
)
def test_groups_that_cannot_be_scored_are_one_line(run: Run, groups: str, message: str) -> None:
    """And come before the files, which are not even there."""
    done = run("score", "gone.wav", "--reference", "gone.wav", "--groups", groups)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_predictions_by_command(run: Run, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("song,snippet,level_lu\na,0,1\na,1,3\nb,0,4\n", encoding="utf-8")
    done = run("predictions", str(truth), "--truth", str(truth), "--json")
    found = json.loads(done.stdout)["errors"]
    assert [row["snippet_mae"] for row in found if row["predictor"] == "predicted"] == [0.0]
    assert "leave-one-out mean" in run("predictions", str(truth), "--truth", str(truth)).stdout


def test_large_predictions_stay_apart_in_the_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("song,level_lu\na,1e9\nb,-1e9\nc,12345.5\n", encoding="utf-8")
    (tmp_path / "p.csv").write_text("song,level_lu\na,-1e9\nb,1e9\nc,12345.5\n", encoding="utf-8")
    done = run("predictions", "p.csv", "--truth", "truth.csv")
    assert (done.returncode, done.stderr) == (0, "")
    predicted = next(line for line in done.stdout.splitlines() if line.startswith("  predicted"))
    assert predicted.split()[:5] == ["predicted", "3", "1.33e+09", "1.63e+09", "0.000"]
