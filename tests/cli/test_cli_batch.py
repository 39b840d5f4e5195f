"""`mixrules batch`, and the options that it shares with the other commands over many songs."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from corpus.batch.songs import data_set, put

from mixrules.cli.corpus_options import CorpusRun, failure_lines, run_options
from mixrules.corpus.work.place import LocalPlace
from mixrules.corpus.work.song_work import Record
from mixrules.corpus.work.workers import InThisProcess

if TYPE_CHECKING:
    from cli_runner import Run

QUICK = ("--layout", "musdb18hq", "--without", "eq", "--without", "reverb", "--without", "compression")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process do the work, which is quicker than starting others."""
    monkeypatch.setattr(CorpusRun, "who", lambda _: InThisProcess())


def table(output: Path) -> dict[str, dict[str, str]]:
    with open(output / "mixes.csv", encoding="utf-8", newline="") as file:
        return {row["song"]: row for row in csv.DictReader(file)}


def files(output: Path) -> dict[str, bytes]:
    """Return what users read in a folder of results."""
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.suffix in (".wav", ".flac", ".csv", ".json", ".parquet")
    }


@pytest.mark.usefixtures("here")
def test_every_song_is_mixed_and_kept(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "set")
    done = run("batch", "set", *QUICK)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 done, 0 kept, 0 failed; ")
    assert done.stdout.endswith(" songs a minute\nmixes/mixes.csv has a row for each song\n")
    assert list(files(tmp_path / "mixes")) == [
        "mixes.csv",
        *(["mixes.parquet"] if (tmp_path / "mixes/mixes.parquet").exists() else []),
        "run.json",
        "test/Artist 1 - Song 1.plan.json",
        "test/Artist 1 - Song 1.wav",
        "train/Artist 0 - Song 0.plan.json",
        "train/Artist 0 - Song 0.wav",
    ]
    before = files(tmp_path / "mixes")
    again = run("batch", "set", *QUICK)
    assert (again.returncode, again.stdout) == (
        0,
        "0 done, 2 kept, 0 failed\nmixes/mixes.csv has a row for each song\n",
    )
    assert files(tmp_path / "mixes") == before
    assert run("batch", "set", *QUICK, "-q").stdout == ""


def test_processes_side_by_side_write_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set(tmp_path / "set", 3)
    assert run("batch", "set", *QUICK, "-o", "pool", "--workers", "2", "--memory", "4GiB").returncode == 0
    monkeypatch.setattr(CorpusRun, "who", lambda _: InThisProcess())
    assert run("batch", "set", *QUICK, "-o", "alone").returncode == 0
    assert files(tmp_path / "pool") == files(tmp_path / "alone")


@pytest.mark.usefixtures("here")
def test_the_rules_and_the_format_are_the_users(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "set", 1)
    options = ("--target-lufs", "-23", "--set", "level.bass_lu=-3", "--format", "flac", "--subtype", "PCM_16")
    assert run("batch", "set", *QUICK, *options, "--sample-rate", "16000").returncode == 0
    (row,) = table(tmp_path / "mixes").values()
    assert float(row["integrated_lufs"]) == pytest.approx(-23.0, abs=0.05)
    assert (row["sample_rate"], row["audio"]) == ("16000", "train/Artist 0 - Song 0.flac")
    settings = json.loads((tmp_path / "mixes/run.json").read_text())["settings"]
    assert settings["constants"]["level.bass_lu"] == -3.0
    assert "eq:between_stems" not in settings["chain"]


@pytest.mark.usefixtures("here")
def test_other_settings_are_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "set", 1)
    run("batch", "set", *QUICK, "--plans-only")
    for options, said in (
        (("--target-lufs", "-23"), "constants.master.target_lufs -14.0, this run: -23.0"),
        (("--album",), "album false, this run: true"),
        (("--format", "flac"), 'format "", this run: "flac"'),
    ):
        refused = run("batch", "set", *QUICK, *options)
        assert refused.returncode == 2
        assert said in refused.stderr
        assert refused.stderr.count("\n") == 1
    document = tmp_path / "mixes/run.json"
    document.write_text(document.read_text().replace('"version": "', '"version": "9.'))
    assert "another version of mixrules (9." in run("batch", "set", *QUICK, "--plans-only").stderr


@pytest.mark.usefixtures("here")
def test_bad_songs_cost_a_line_each_and_no_other_song(run: Run, tmp_path: Path) -> None:
    root = data_set(tmp_path / "set", 1)
    (put(root, "train/B - Missing") / "bass.wav").unlink()
    (put(root, "train/C - Corrupt") / "drums.wav").write_bytes(b"RIFF and nothing")
    cut = put(root, "train/D - Cut short") / "vocals.wav"
    cut.write_bytes(cut.read_bytes()[:9000])
    (put(root, "test/E - Empty file") / "vocals.wav").write_bytes(b"")
    put(root, "test/F - Silent", gain=0.0)
    put(root, "test/G - No samples", seconds=0.0)
    (root / "test/H - Nothing in it").mkdir()
    done = run("batch", "set", *QUICK, "--plans-only")
    assert done.returncode == 2
    assert done.stdout.startswith("1 done, 0 kept, 7 failed; ")
    lines = done.stderr.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("mixrules: ") for line in lines)
    for name, said in (
        ("B - Missing", "bass.wav is missing"),
        ("C - Corrupt", "drums.wav is not audio"),
        ("D - Cut short", "vocals.wav is cut short"),
        ("E - Empty file", "vocals.wav is empty"),
        ("F - Silent", "is silent"),
        ("G - No samples", "samples, at least one is needed"),
        ("H - Nothing in it", "missing"),
    ):
        (line,) = [line for line in lines if name in line]
        assert said in line
        (row,) = [row for song, row in table(tmp_path / "mixes").items() if name in song]
        assert said in row["reason"]
    kept = run("batch", "set", *QUICK, "--plans-only")
    assert kept.stdout == (
        "0 done, 1 kept, 7 failed; --retry-failed retries them even if their files are unchanged\n"
        "mixes/mixes.csv has a row for each song\n"
    )
    # A song whose files are repaired is done again by itself.
    shutil.rmtree(root / "train/B - Missing")
    put(root, "train/B - Missing")
    assert run("batch", "set", *QUICK, "--plans-only").stdout.startswith("1 done, 1 kept, 6 failed; ")


@pytest.mark.usefixtures("here")
def test_retry_failed_does_again_what_failed_for_another_reason(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set(tmp_path / "set")
    with monkeypatch.context() as patch:
        patch.setattr("mixrules.corpus.batch.mixing.mix", lambda *_, **__: 1 / 0)
        failed = run("batch", "set", *QUICK)
    assert failed.returncode == 2
    assert "train/Artist 0 - Song 0, test/Artist 1 - Song 1: ZeroDivisionError" in failed.stderr
    assert run("batch", "set", *QUICK).stdout.startswith("0 done, 0 kept, 2 failed")
    assert run("batch", "set", *QUICK, "--retry-failed").stdout.startswith("2 done, 0 kept, 0 failed")


@pytest.mark.usefixtures("here")
def test_what_is_no_data_set_makes_no_folder(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "set", 1)
    for words, said in (
        (("nowhere", *QUICK), "nowhere does not exist"),
        (("set", "--layout", "musdb19"), "no layout 'musdb19'"),
        (("set", *QUICK, "--split", "trian"), "no song of the split trian"),
        (("set", *QUICK, "--only", "X*"), "no song of the name X*"),
        (("set", *QUICK, "--memory", "much"), "'much' is not a size: 8GiB"),
        (("set", *QUICK, "--memory", "0GiB"), "is not a size"),
        (("set", *QUICK, "--subtype", "PCM_12"), "WAV takes PCM_24"),
        (("set", *QUICK, "--album", "--without", "master"), "needs a chain that ends with master"),
        (("set", *QUICK, "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"), "are there already"),
    ):
        refused = run("batch", *words)
        assert refused.returncode == 2
        assert said in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "mixes").exists()


@pytest.mark.usefixtures("here")
def test_a_folder_of_something_else_is_left_alone(run: Run, tmp_path: Path) -> None:
    root = data_set(tmp_path / "set", 1)
    assert "no results of ours" in run("batch", "set", *QUICK, "-o", "set").stderr
    assert sorted(path.name for path in root.iterdir()) == ["train"]
    (tmp_path / "file").write_text("hello")
    assert run("batch", "set", *QUICK, "-o", "file").returncode == 2


@pytest.mark.usefixtures("here")
def test_two_runs_in_one_folder_are_refused(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "set", 1)
    with LocalPlace(tmp_path / "mixes").held():
        other = run("batch", "set", *QUICK)
    assert other.returncode == 2
    assert "mixes is in use by another run" in other.stderr
    assert run("batch", "set", *QUICK).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_and_ends_like_another(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set(tmp_path / "set", 3)
    words = ("batch", "set", *QUICK, "--plans-only", "--album", "--workers", "1")
    killed = subprocess.Popen([sys.executable, "-m", "mixrules", *words], cwd=tmp_path)
    ledgers = (tmp_path / "mixes/ledger.jsonl", tmp_path / "mixes/.sums/ledger.jsonl")
    while killed.poll() is None and not any(path.exists() and path.stat().st_size for path in ledgers):
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    monkeypatch.setattr(CorpusRun, "who", lambda _: InThisProcess())
    while "in use" in (ended := run(*words)).stderr:  # its worker ends a moment later
        time.sleep(0.05)
    assert ended.returncode == 0
    run(*words, "-o", "undisturbed")
    assert files(tmp_path / "mixes") == files(tmp_path / "undisturbed")


@pytest.mark.usefixtures("here")
def test_mixes_are_a_system_for_compare(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "set")
    run("batch", "set", *QUICK)
    words = (
        "--layout",
        "musdb18hq",
        "--systems",
        "none,ours=mixes",
        "--groups",
        "balance",
        "--excerpt-s",
        "0",
    )
    compared = run("compare", "set", *words)
    assert (compared.returncode, compared.stderr) == (0, "")
    assert "ours" in compared.stdout


def failed(song: str, reason: str) -> Record:
    return Record(song=song, reason=reason)


def test_reasons_are_grouped_and_the_first_ten_are_shown() -> None:
    records = [failed(f"song {number}", "the same") for number in range(5)]
    records += [failed(f"other {number}", f"reason {number}") for number in range(12)]
    lines = failure_lines(tuple(records), "mixes/mixes.csv")
    assert lines[0] == "song 0, song 1, song 2 and 2 more: the same"
    assert lines[1] == "other 0: reason 0"
    assert len(lines) == 11
    assert lines[-1] == "and 3 more, in mixes/mixes.csv"


@pytest.mark.parametrize(
    ("text", "mib"),
    [("8GiB", 8192.0), ("500MB", 500e6 / 2**20), ("1.5 gib", 1536.0), ("2t", 2e12 / 2**20)],
)
def test_sizes_are_as_people_write_them(text: str, mib: float) -> None:
    found: list[CorpusRun] = []

    @click.command()
    @run_options("out", "results")
    def command(run: CorpusRun) -> None:
        found.append(run)

    command.main(["--memory", text], standalone_mode=False)
    assert found[0].workers.memory_mib == pytest.approx(mib)
    assert found[0].output == Path("out")


def test_an_address_stays_one() -> None:
    found: list[CorpusRun] = []

    @click.command()
    @run_options("out", "results")
    def command(run: CorpusRun) -> None:
        found.append(run)

    command.main(["-o", "s3://bucket/out", "--scheduler", "tcp://10.0.0.5:8786"], standalone_mode=False)
    assert (found[0].output, found[0].workers.scheduler) == ("s3://bucket/out", "tcp://10.0.0.5:8786")
