"""A run does every song once: what is finished is kept, what fails is recorded, what changed is done again."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus.work.fake_works import Copying, Songs, contents, logged, make_songs

from mixrules.corpus.work import song_tasks
from mixrules.corpus.work.local_pool import LocalPool
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.run import RunSummary, run_songs
from mixrules.corpus.work.song_work import SongResult
from mixrules.errors import AudioFileError
from mixrules.stems.song_description import SongDescription


@pytest.fixture
def songs(tmp_path: Path) -> Songs:
    return Songs(make_songs(tmp_path / "songs", 10))


def counts(summary: RunSummary) -> tuple[int, int, list[str]]:
    return summary.done, summary.kept, [record.song for record in summary.failed]


def rows(output: Path, block: int) -> list[str]:
    return [
        line.partition(":")[0] for line in (output / f"table/part-{block:05d}.txt").read_text().splitlines()
    ]


@pytest.mark.parametrize("workers", [None, LocalPool(3)])
def test_every_song_is_done_and_a_failure_costs_itself(
    workers: LocalPool | None, songs: Songs, work: Copying, output: Path
) -> None:
    (songs.root / "s05" / "vocals.wav").write_text("bad")
    (songs.root / "s07" / "problem").touch()
    told: list[tuple[str, int, int]] = []
    summary = run_songs(work, songs, output, workers=workers, progress=lambda *what: told.append(what))
    assert counts(summary) == (8, 0, ["s05", "s07"])
    assert summary.failed[0].reason == f"{songs.root / 's05/vocals.wav'} is cut short"
    assert summary.failed[1].reason == "drums.wav is missing"
    assert summary.songs_per_minute > 0.0
    assert sorted({done for _, done, _ in told}) == list(range(11))
    assert told == sorted(told, key=lambda what: what[1])
    assert told[-1][2] == 10
    assert re.fullmatch(r"10 of 10 songs, \d+\.\d a minute, 0 s left, 2 failed", told[-1][0])
    assert rows(output, 0) == ["s00", "s01", "s02", "s03"]
    assert rows(output, 1) == ["s04", "s06"]
    assert rows(output, 2) == ["s08", "s09"]
    assert sorted(contents(output)) == sorted(
        [*(f"s{n:02d}/copy.txt" for n in range(10) if n not in (5, 7)), "run.json"]
        + [f"table/part-{n:05d}.txt" for n in range(3)]
    )
    logged(work.log)
    assert counts(run_songs(work, songs, output, workers=workers)) == (0, 8, ["s05", "s07"])
    assert logged(work.log) == []


def test_a_block_is_finished_as_soon_as_its_songs_are(songs: Songs, work: Copying, output: Path) -> None:
    run_songs(work, songs, output)
    order = [f"s{n:02d}" for n in range(10)]
    assert logged(work.log) == [*order[:4], "block 0", *order[4:8], "block 1", *order[8:], "block 2"]


def test_a_song_that_changed_is_done_again_and_its_block_alone(
    songs: Songs, work: Copying, output: Path
) -> None:
    run_songs(work, songs, output)
    logged(work.log)
    (songs.root / "s06" / "vocals.wav").write_text("other")
    assert counts(run_songs(work, songs, output)) == (1, 9, [])
    assert logged(work.log) == ["s06", "block 1"]
    assert "s06: other" in (output / "table/part-00001.txt").read_text()
    (songs.root / "s06" / "drums.wav").touch()
    run_songs(work, songs, output)
    assert logged(work.log) == ["s06", "block 1"]


def test_other_time_stamps_of_the_same_content_keep_the_result(
    songs: Songs, work: Copying, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_songs(work, songs, output)
    before = contents(output)
    logged(work.log)
    os.utime(songs.root / "s03" / "vocals.wav", (1, 1))
    assert counts(run_songs(work, songs, output)) == (0, 10, [])
    assert logged(work.log) == []
    monkeypatch.setattr(song_tasks, "content_key", None)  # the new stamp is known: nothing is read
    assert counts(run_songs(work, songs, output)) == (0, 10, [])
    assert contents(output) == before


def test_what_is_recorded_and_gone_is_done_again(songs: Songs, work: Copying, output: Path) -> None:
    run_songs(work, songs, output)
    before = contents(output)
    logged(work.log)
    (output / "s02" / "copy.txt").unlink()
    os.utime(songs.root / "s02" / "vocals.wav", (1, 1))
    assert counts(run_songs(work, songs, output)) == (1, 9, [])
    assert logged(work.log) == ["s02", "block 0"]
    assert contents(output) == before


def test_songs_whose_table_is_gone_are_done_again(songs: Songs, work: Copying, output: Path) -> None:
    (songs.root / "s05" / "vocals.wav").write_text("bad")
    run_songs(work, songs, output)
    before = contents(output)
    logged(work.log)
    (output / "table/part-00001.txt").unlink()
    (songs.root / "s01" / "vocals.wav").write_text("content 1")  # at another time
    assert counts(run_songs(work, songs, output)) == (3, 6, ["s05"])
    assert logged(work.log) == ["s04", "s06", "s07", "block 1"]
    assert contents(output) == before
    assert counts(run_songs(work, songs, output)) == (0, 9, ["s05"])


def test_failures_are_kept_until_they_are_to_be_tried_again_or_change(
    songs: Songs, work: Copying, output: Path
) -> None:
    file = songs.root / "s01" / "vocals.wav"
    file.write_text("bad")
    run_songs(work, songs, output)
    logged(work.log)
    assert counts(run_songs(work, songs, output)) == (0, 9, ["s01"])
    assert logged(work.log) == []
    assert counts(run_songs(work, songs, output, retry_failed=True)) == (0, 9, ["s01"])
    assert logged(work.log) == ["s01", "block 0"]
    file.write_text("good")
    assert counts(run_songs(work, songs, output)) == (1, 9, [])
    assert rows(output, 0) == ["s00", "s01", "s02", "s03"]


def test_a_name_that_occurs_twice_is_a_failure_and_the_first_is_used(
    songs: Songs, work: Copying, output: Path
) -> None:
    twice = Songs(songs.root, twice="s03")
    for done in (10, 0):
        summary = run_songs(work, twice, output)
        assert counts(summary) == (done, 10 - done, ["s03"])
        assert summary.failed[0].reason == "another song of the data set has this name, and was used"
    assert logged(work.log).count("s03") == 1


def test_what_is_no_longer_in_the_data_set_is_left_alone(songs: Songs, work: Copying, output: Path) -> None:
    run_songs(work, songs, output)
    before = contents(output)
    logged(work.log)
    shutil.rmtree(songs.root / "s02")
    assert counts(run_songs(work, songs, output)) == (0, 9, [])
    assert logged(work.log) == []
    assert contents(output) == before
    (songs.root / "s01" / "vocals.wav").write_text("other")
    run_songs(work, songs, output)
    assert logged(work.log) == ["s01", "block 0"]
    assert rows(output, 0) == ["s00", "s01", "s02", "s03"]


def test_a_data_set_that_grows_moves_no_song_to_another_block(
    songs: Songs, work: Copying, output: Path
) -> None:
    run_songs(work, songs, output)
    logged(work.log)
    for name in ("a0", "s10", "s11", "s12"):
        shutil.copytree(songs.root / "s00", songs.root / name)
    assert counts(run_songs(work, songs, output)) == (4, 10, [])
    assert [rows(output, block) for block in range(4)] == [
        ["a0", "s00", "s01", "s02", "s03"],
        ["s04", "s05", "s06", "s07"],
        ["s08", "s09", "s10"],
        ["s11", "s12"],
    ]
    assert "block 1" not in logged(work.log)


@dataclass(frozen=True)
class WithoutBlocks(Copying):
    """A work with nothing to put together."""

    songs_in_block = 0


@pytest.mark.parametrize("workers", [None, LocalPool(2)])
def test_a_work_may_have_no_blocks(
    workers: LocalPool | None, songs: Songs, work: Copying, output: Path
) -> None:
    (songs.root / "s05" / "vocals.wav").write_text("bad")
    alone = WithoutBlocks(work.log)
    assert counts(run_songs(alone, songs, output, workers=workers)) == (9, 0, ["s05"])
    assert sorted(logged(work.log)) == [f"s{n:02d}" for n in range(10)]
    assert '"block"' not in (output / "ledger.jsonl").read_text()
    (songs.root / "s05" / "vocals.wav").write_text("good")
    assert counts(run_songs(alone, songs, output, workers=workers)) == (1, 9, [])
    assert logged(work.log) == ["s05"]


@dataclass(frozen=True)
class Together(Copying):
    """A work whose result of a song depends on another thing."""

    rests_on: tuple[str, ...] = ()

    def also(self, song: SongDescription) -> str:
        return "other" if song.song in self.rests_on else ""


def test_a_song_is_done_again_when_what_else_it_depends_on_changes(
    songs: Songs, work: Copying, output: Path
) -> None:
    run_songs(Together(work.log), songs, output)
    logged(work.log)
    for done in (1, 0):
        changed = run_songs(Together(work.log, rests_on=("s06",)), songs, output)
        assert counts(changed) == (done, 10 - done, [])
    assert logged(work.log) == ["s06", "block 1"]


@dataclass(frozen=True)
class Odd(Copying):
    """A work with faults of its own: numbers of numpy, objects, headers that cannot be read, blocks that fail."""

    def needed_mib(self, song: SongDescription) -> float:
        if song.song == "s02":
            raise AudioFileError("a header cannot be read")
        return float("nan") if song.song == "s03" else float("inf")

    def do(self, song: SongDescription, place: Place) -> SongResult:
        values: Mapping[str, Any] = {"level": np.float32(0.5), "bands": np.arange(2), "gone": float("nan")}
        return SongResult(values={"object": object()} if song.song == "s01" else dict(values))

    def finish_block(self, number: int, records: Any, place: Place) -> None:
        if number == 0:
            raise ValueError("two rows\nfor one song")


@pytest.mark.parametrize("workers", [None, LocalPool(2)])
def test_faults_of_a_work_cost_what_they_must(
    workers: LocalPool | None, songs: Songs, work: Copying, output: Path
) -> None:
    with pytest.raises(AudioFileError, match=r"out: block 0: ValueError: two rows for one song$"):
        run_songs(Odd(work.log), songs, output, workers=workers)
    lines = [json.loads(line) for line in (output / "ledger.jsonl").read_text().splitlines()]
    by_song = {line["song"]: line for line in lines if "song" in line}
    assert len(by_song) == 10
    assert by_song["s01"]["reason"] == "a value of object cannot be kept: numbers, texts and lists can"
    assert by_song["s02"]["values"] == {"level": 0.5, "bands": [0, 1], "gone": None}
    assert [line["block"] for line in lines if "block" in line] == [1, 2]


@dataclass(frozen=True)
class Unlistable(Songs):
    """A data set of which a folder cannot be listed."""

    def __iter__(self) -> Any:
        for number, song in enumerate(super().__iter__()):
            if number == 6:
                raise AudioFileError("songs cannot be read: permission denied")
            yield song


@pytest.mark.parametrize("workers", [None, LocalPool(2)])
def test_what_was_done_before_the_data_set_failed_is_kept(
    workers: LocalPool | None, songs: Songs, work: Copying, output: Path
) -> None:
    with pytest.raises(AudioFileError, match="permission denied"):
        run_songs(work, Unlistable(songs.root), output, workers=workers, progress=lambda *_: None)
    logged(work.log)
    assert counts(run_songs(work, songs, output)) == (4, 6, [])


@pytest.mark.parametrize("function", ["fsync", "open", "replace"])
def test_a_full_disk_ends_the_run_and_loses_nothing(
    function: str, songs: Songs, work: Copying, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, function)

    def full(*arguments: Any, **more: Any) -> Any:
        if any("s04" in str(argument) for argument in arguments) or (
            function == "fsync" and len(logged_so_far(work.log)) > 5
        ):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, function, full)
        with pytest.raises(AudioFileError, match=r"out.* cannot be written.*: the disk is full") as caught:
            run_songs(work, songs, output)
    assert "\n" not in str(caught.value)
    assert not any(".tmp" in name for name in contents(output))
    assert "s04/copy.txt" not in contents(output)
    logged(work.log)
    assert counts(run_songs(work, songs, output)) == (6, 4, [])
    assert logged(work.log)[0] == "s04"


def logged_so_far(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_line(songs: Songs, work: Copying, output: Path) -> None:
    output.mkdir(mode=0o500)
    with pytest.raises(AudioFileError, match="permission denied"):
        run_songs(work, songs, output)
    assert logged(work.log) == []
