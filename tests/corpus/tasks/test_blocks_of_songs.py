from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from mixrules.corpus.tasks.blocks_of_songs import finish, read_part
from mixrules.corpus.tasks.settings import DatasetSettings
from mixrules.corpus.tasks.shards import read_mel_at
from mixrules.corpus.tasks.spool import spool_names
from mixrules.corpus.work.place import LocalPlace, Place
from mixrules.corpus.work.song_work import Record

OUTPUTS = ["vocal_to_backing_lu"]
SPLIT = {"a": "train", "b": "train", "c": "test", "d": "validation"}
COUNT = {"a": 13, "b": 5, "c": 2, "d": 1}
IN_SHARD = 15  # of 1 MiB


class Killed(BaseException):
    """What a signal does to a process."""


class Mortal:
    """A place whose process is killed at the n-th change of a file, before or after it."""

    def __init__(self, place: Place, at: int) -> None:
        self._place, self._left = place, at

    def _change(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed

    @contextmanager
    def writing(self, *names: str) -> Iterator[tuple[Path, ...]]:
        self._change()
        with self._place.writing(*names) as paths:
            yield paths
        self._change()

    def remove(self, name: str) -> None:
        self._change()
        self._place.remove(name)

    def reading(self, name: str) -> Any:
        return self._place.reading(name)

    def exists(self, name: str) -> bool:
        return self._place.exists(name)

    def __str__(self) -> str:
        return str(self._place)


def mel(song: str, number: int, version: int = 0) -> np.ndarray:
    return np.full((2, 128, 64), ord(song) + number / 100 + version, np.float32)


def do(song: str, place: Place, count: int | None = None, version: int = 0) -> Record:
    """Leave what a song gives, as the work does."""
    numbers = range(COUNT[song] if count is None else count)
    with place.writing(*spool_names(song)) as (blocks, facts):
        blocks.write_bytes(b"".join(mel(song, n, version).tobytes() for n in numbers))
        rows = [
            {
                "key": f"{song}-000-{n:06d}",
                **{"song": song, "title": "", "artist": "", "album": "", "split": SPLIT[song]},
                **{"copy": 0, "block": n, "start_sample": n, "start_s": 0.0, "number": n},
                **{"vocal_lufs": -20.0, "backing_lufs": -18.0, "target": [n + 0.5]},
            }
            for n in numbers
        ]
        facts.write_bytes(msgspec.json.encode(rows))
    return Record(song=song, key=f"{song}{version}", values={"split": SPLIT[song], "left_out": {}})


def settings_of(shard_format: str) -> DatasetSettings:
    return DatasetSettings(task="level", shard_mib=1.0, format=shard_format)


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.mark.parametrize("shard_format", ["webdataset", "npz"])
def test_shards_are_of_one_split_and_bounded_and_the_table_says_where_all_is(
    shard_format: str, tmp_path: Path
) -> None:
    place = LocalPlace(tmp_path)
    records = [do(song, place) for song in "abcd"]
    files = finish(3, records, place, settings_of(shard_format), OUTPUTS)
    assert sorted(files) == sorted(content(tmp_path))
    assert finish(3, records, place, settings_of(shard_format), OUTPUTS) == files
    part = read_part(3, place)
    assert part is not None
    counts = {name.split(".")[0]: about["samples"] for name, about in part.shards.items()}
    assert counts == {
        "train/shard-00003-000": IN_SHARD,
        "train/shard-00003-001": 3,
        "validation/shard-00003-000": 1,
        "test/shard-00003-000": 2,
    }
    for name, about in part.shards.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == about["sha256"]
        assert about["bytes"] <= 2**20
    assert not list((tmp_path / "spool").iterdir())
    for row in pq.read_table(tmp_path / "parts/part-00003.parquet").to_pylist():
        with open(tmp_path / row["shard"], "rb") as file:
            np.testing.assert_array_equal(read_mel_at(file, row["offset"]), mel(row["song"], row["block"]))
        assert row["vocal_to_backing_lu"] == row["block"] + 0.5


def test_a_song_that_is_done_later_gives_the_files_of_an_undisturbed_run(tmp_path: Path) -> None:
    one, two, settings = LocalPlace(tmp_path / "one"), LocalPlace(tmp_path / "two"), settings_of("npz")
    records = {song: do(song, one) for song in "abcd"}
    finish(0, list(records.values()), one, settings, OUTPUTS)
    failed = Record(song="a", reason="cannot be read")
    for song in "bcd":
        do(song, two)
    finish(0, [failed, *(records[song] for song in "bcd")], two, settings, OUTPUTS)
    finish(0, [do("a", two), *(records[song] for song in "bcd")], two, settings, OUTPUTS)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    before = content(tmp_path / "two")
    finish(0, list(records.values()), two, settings, OUTPUTS)
    assert content(tmp_path / "two") == before


def test_a_song_that_changes_or_fails_leaves_nothing_of_before(tmp_path: Path) -> None:
    one, two, settings = LocalPlace(tmp_path / "one"), LocalPlace(tmp_path / "two"), settings_of("webdataset")
    first = {song: do(song, one) for song in "abcd"}
    finish(0, list(first.values()), one, settings, OUTPUTS)
    gone = Record(song="b", reason="cannot be read")
    finish(0, [do("a", one, 2, version=7), gone, first["c"], first["d"]], one, settings, OUTPUTS)
    second = [do("a", two, 2, version=7), gone, do("c", two), do("d", two)]
    finish(0, second, two, settings, OUTPUTS)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_killed_at_any_change_the_next_run_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    settings = settings_of("npz")

    def through(place: LocalPlace, at: int) -> bool:
        """Finish a block, do song a again, with fewer samples, and finish it again; return whether it was killed."""
        first = {song: do(song, place) for song in "abcd"}
        finish(0, list(first.values()), place, settings, OUTPUTS)
        second = [do("a", place, 3, version=1), first["b"], first["c"], first["d"]]
        try:
            finish(0, second, cast("Place", Mortal(place, at)), settings, OUTPUTS)
        except Killed:
            finish(0, second, place, settings, OUTPUTS)
            return True
        return False

    undisturbed = LocalPlace(tmp_path / "undisturbed")
    assert not through(undisturbed, 10_000)
    expected = content(undisturbed.folder)
    for at in itertools.count(1):
        place = LocalPlace(tmp_path / str(at))
        killed = through(place, at)
        assert content(place.folder) == expected
        if not killed:
            break
    assert at > 15


def test_the_samples_of_a_finished_song_must_be_there(tmp_path: Path) -> None:
    from mixrules.errors import AudioFileError

    place = LocalPlace(tmp_path)
    record = do("a", place)
    (tmp_path / spool_names("a")[1]).unlink()
    with pytest.raises(AudioFileError, match="the samples of a are missing in"):
        finish(0, [record], place, settings_of("npz"), OUTPUTS)
