from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runner import Run  # noqa: TC002
from task_songs import MadeSong, many, truth_rows, write_songs, write_truth

from mixrules.cli.corpus_options import CorpusRun
from mixrules.corpus.work.workers import InThisProcess


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work here: that processes give the same is tested beside `make_dataset`."""

    monkeypatch.setattr(CorpusRun, "who", lambda _run: InThisProcess())


def test_dataset_says_what_was_made_and_what_failed_and_what_constants_score(
    run: Run, tmp_path: Path
) -> None:
    truth = write_songs(tmp_path, [*many(5), MadeSong("instrumental", vocal=False)])
    (tmp_path / "songs" / "song 02" / "bass.wav").write_bytes(b"RIFF")
    done = run("dataset", truth, "--task", "level", "--seed", 3, "-o", "train")
    assert done.returncode == 2
    assert done.stderr.startswith("mixrules: song 02: ")
    assert len(done.stderr.splitlines()) == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("4 done, 0 kept, 1 failed")
    assert "train      4 samples of 2 songs" in lines
    assert "left out   1 song without a vocal" in lines
    assert any("MAE mean absolute error, RMSE root mean square error" in line for line in lines)
    said = json.loads(Path("train/dataset.json").read_text(encoding="utf-8"))
    error = said["constants"]["median"]["errors"]["test"]["by_song"]["root_mean_square_error"]
    row = [line for line in lines if line.startswith("vocal_to_backing_lu")][-1]
    assert float(row.split()[-1]) == pytest.approx(error["vocal_to_backing_lu"], rel=1e-3)


def test_songs_that_are_one_recording_are_named(run: Run, tmp_path: Path) -> None:
    made = many(4, snippets=1.0)
    rows = [row for song in made for row in truth_rows(song, made[0].audio())[:2]]
    write_songs(tmp_path / "made", made)
    write_truth(tmp_path / "truth", tmp_path / "made" / "songs", rows[:4] + other_levels(rows[4:]))
    done = run("dataset", tmp_path / "truth", "--task", "toy-level")
    line = "duplicates 1 recording under several names, each in one split: song 00 = song 01"
    assert line in done.stdout.splitlines()


def other_levels(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"integrated_lufs": row["integrated_lufs"] - i} for i, row in enumerate(rows, 1)]


def test_many_outputs_and_numpy_shards(run: Run, tmp_path: Path) -> None:
    truth = write_songs(tmp_path, many(3))
    options = ("--fraction", "1/2", "--format", "npz", "--block-hop", 32)
    done = run("dataset", truth, "--task", "toy-eq", "-o", "train", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "train      3 samples of 1 song" in done.stdout.splitlines()
    assert "all " in done.stdout
    assert "by song: see dataset.json" in done.stdout
    assert Path("train/train/shard-00000-000.npz").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere", "--task", "level"), "nowhere holds no results of ours"),
        (("truth",), "--task"),
        (("truth", "--task", "tempo"), "--task must be one of level, eq"),
        (("truth", "--task", "level", "--shares", "0.9,0.1,0"), "shares must be three numbers above 0"),
        (("truth", "--task", "level", "--shares", "a,b"), "'a,b' is no list of numbers"),
        (("truth", "--task", "level", "--fraction", "1/0"), "'1/0' is no fraction"),
        (("truth", "--task", "level", "--augment", "echo"), "there is no augmentation 'echo'"),
        (("truth", "--task", "level", "--augment", "gain", "--copies", "0"), "at least one copy"),
        (("truth", "--task", "eq", "--limits", "-10", "6"), "limits in LU are for task level"),
        (
            ("truth", "--task", "level", "--split", "official", "--ignore-official"),
            "--ignore-official is for --split songs",
        ),
        (
            ("truth", "--task", "level", "--shared-artists", "drop"),
            "--shared-artists is for --split official",
        ),
        (("truth", "--task", "level", "--augment", "polarity"), "polarity alone changes neither"),
        (("truth", "--task", "level", "--split", "official"), "has no official test songs"),
        (("truth", "--task", "level"), "2 songs in 2 groups are too few"),
    ],
)
def test_what_cannot_be_is_one_line(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    write_songs(tmp_path, many(2))
    done = run("dataset", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not Path("train/dataset.json").exists()


def test_truth_of_another_version_is_refused(run: Run, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    truth = write_songs(tmp_path, many(3))
    path = truth / "stems" / "part-00000.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"mixrules_truth_version": "99"}), path)
    done = run("dataset", truth, "--task", "level")
    assert done.returncode == 2
    assert "is of version 99, version 1 is needed" in done.stderr
