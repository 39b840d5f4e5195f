"""`mixrules extract` as a program: what it says, and what it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from corpus.batch.songs import data_set, put

from mixrules.cli.corpus_options import CorpusRun
from mixrules.corpus.work.workers import InThisProcess

if TYPE_CHECKING:
    from cli_runner import Run

SMALL = ("--snippet-samples", 4096, "--snippet-hop", 2048)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process do the work, which is quicker than starting others."""
    monkeypatch.setattr(CorpusRun, "who", lambda _: InThisProcess())


def test_it_says_what_it_did_where_it_is_and_what_to_do_next(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "songs")
    done = run("extract", tmp_path / "songs", "--layout", "musdb18hq", "-o", tmp_path / "truth", *SMALL)
    assert done.returncode == 0
    assert "2 done, 0 kept, 0 failed" in done.stdout
    assert "14 rows of signals, 28 of snippets" in done.stdout
    assert "mixrules describe" in done.stdout
    assert len(pd.read_parquet(tmp_path / "truth/stems")) == 14
    only = run(
        "extract",
        tmp_path / "songs",
        "--layout",
        "musdb18hq",
        "--split",
        "test",
        "-o",
        tmp_path / "test",
        *SMALL,
    )
    assert only.returncode == 0
    assert set(pd.read_parquet(tmp_path / "test/stems").split) == {"test"}


def test_a_song_that_fails_is_named_and_costs_no_other(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "songs")
    (tmp_path / "songs/train/Artist 0 - Song 0/bass.wav").write_bytes(b"RIFF")
    done = run("extract", tmp_path / "songs", "--layout", "musdb18hq", "-o", tmp_path / "truth", *SMALL)
    assert done.returncode == 2
    assert "train/Artist 0 - Song 0: " in done.stderr
    assert "bass.wav" in done.stderr
    assert "1 done, 0 kept, 1 failed" in done.stdout
    assert len(pd.read_parquet(tmp_path / "truth/stems")) == 7


def test_where_every_song_fails_there_is_no_table(run: Run, tmp_path: Path) -> None:
    folder = put(tmp_path / "songs", "train/A - B")
    (folder / "bass.wav").unlink()
    done = run("extract", tmp_path / "songs", "--layout", "musdb18hq", "-o", tmp_path / "truth", *SMALL)
    assert done.returncode == 2
    assert "bass.wav is missing" in done.stderr
    assert "tables in" not in done.stdout
    assert not (tmp_path / "truth/stems").exists()


def test_results_of_other_snippets_are_not_mixed(run: Run, tmp_path: Path) -> None:
    data_set(tmp_path / "songs", 1)
    names = ("extract", tmp_path / "songs", "--layout", "musdb18hq", "-o", tmp_path / "truth")
    assert run(*names, *SMALL, "-q").stdout == ""
    again = run(*names, "--snippet-samples", 8192)
    assert again.returncode == 2
    assert "snippet_samples" in again.stderr


@pytest.mark.parametrize("option", ["--snippet-samples", "--snippet-hop"])
def test_a_snippet_has_a_sample_at_least(run: Run, tmp_path: Path, option: str) -> None:
    assert run("extract", tmp_path, option, 0).returncode == 2
