"""A ledger believes lines that are whole and valid, and appends after the last of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mixrules.corpus.work import ledger_lines
from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.ledger_lines import LocalLines
from mixrules.corpus.work.song_work import Record
from mixrules.errors import AudioFileError

STAMP = "00112233445566778899aabbccddeeff"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def record(song: str, **more: Any) -> Record:
    return Record(song=song, stamp=STAMP, key=f"key of {song!a}", **more)


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(LocalLines(path))) as ledger:
        yield ledger


def write(path: Path, *songs: str) -> None:
    with opened(path) as ledger:
        for song in songs:
            ledger.put(ledger.add(song, len(ledger)), record(song))


def known(path: Path) -> list[str]:
    with opened(path) as ledger:
        return [ledger.record(number).song for number in range(len(ledger))]


def test_a_record_is_what_it_was(path: Path) -> None:
    kept = record("a/b – c\n", values={"x": 0.1, "t": [1, 2], "n": None}, outputs=("a.wav", "b.json"))
    failed = record("d", reason="a line\nand another")
    with opened(path) as ledger:
        ledger.put(ledger.add(kept.song, 7), kept)
        ledger.put(ledger.add("d", 2), failed)
    with opened(path) as ledger:
        first, second = ledger.number(kept.song), ledger.number("d")
        assert first is not None
        assert second is not None
        assert ledger.record(first) == kept
        assert ledger.index(first) == 7
        assert not ledger.has_failed(first)
        assert ledger.has_failed(second)
        assert ledger.record(second).reason == r"a line\nand another"
        assert ledger.has_stamp(first, STAMP)
        assert not ledger.has_stamp(first, STAMP[::-1])
        assert ledger.number("e") is None


def test_the_last_line_of_a_song_counts(path: Path) -> None:
    with opened(path) as ledger:
        number = ledger.add("a", 0)
        ledger.put(number, record("a", reason="no"))
        ledger.put(number, record("a", values={"x": 1}))
        ledger.put_stamp(number, "a", STAMP[::-1])
    with opened(path) as ledger:
        assert len(ledger) == 1
        assert not ledger.has_failed(0)
        assert ledger.record(0).values == {"x": 1}
        assert ledger.record(0).stamp == STAMP[::-1]


def test_a_block_is_finished_until_a_song_of_it_has_another_record(path: Path) -> None:
    write(path, *"abc")
    numbers = [0, 1, 2]
    with opened(path) as ledger:
        assert not ledger.is_finished(0, numbers)
        ledger.put_block(0)
    for _ in range(2):
        with opened(path) as ledger:
            assert ledger.is_finished(0, numbers)
            assert not ledger.is_finished(1, numbers)
            ledger.put_stamp(0, "a", STAMP[::-1])  # the result is the same
    with opened(path) as ledger:
        ledger.put(1, record("b"))
        assert not ledger.is_finished(0, numbers)
        assert ledger.is_finished(0, [0, 2])


def test_a_line_cut_anywhere_is_dropped_and_written_over(path: Path) -> None:
    write(path, "first", "second", "third")
    whole = path.read_bytes()
    end_of_two = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    for cut in range(end_of_two, len(whole)):
        path.write_bytes(whole[:cut])
        assert known(path) == ["first", "second"]
        write(path, "third")
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe{",
        b"{}",
        b"[1]",
        b'{"song": "second"}',
        b'{"song": "second", "stamp": "00"}',
        b'{"song": "second", "stamp": "not of hexadecimal digits, not 32"}',
        b'{"song": 2, "stamp": "00112233445566778899aabbccddeeff"}',
        b'{"song": "second", "index": -2, "stamp": "00112233445566778899aabbccddeeff"}',
        b'{"same": "second", "stamp": "00112233445566778899aabbccddeeff"}',
        b'{"block": "x"}',
    ],
)
def test_a_spoilt_line_in_the_middle_costs_its_song(spoilt: bytes, path: Path) -> None:
    write(path, "first", "second", "third")
    lines = path.read_bytes().split(b"\n")
    lines[1] = spoilt
    path.write_bytes(b"\n".join(lines))
    assert known(path) == ["first", "third"]


def test_a_full_disk_leaves_whole_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, "first")
    before = path.read_bytes()

    class Full:
        """A file that takes 10 bytes more."""

        def __init__(self, file: Any) -> None:
            self.file = file
            self.left = 10

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def write(self, data: Any) -> int:
            if not self.left:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.left = 0
            written: int = self.file.write(data[:10])
            return written

    lines = LocalLines(path)
    with closing(Ledger(lines)) as ledger:
        number = ledger.add("second", 1)
        with monkeypatch.context() as patch:
            patch.setattr(lines, "_file", Full(lines._opened()))
            with pytest.raises(AudioFileError, match=r"ledger\.jsonl cannot be written: the disk is full$"):
                ledger.put(number, record("second"))
        assert path.read_bytes() == before
        assert not ledger.is_recorded(number)
        ledger.put(number, record("second"))
    assert known(path) == ["first", "second"]


def test_lines_reach_the_disk_now_and_then(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    monkeypatch.setattr(ledger_lines, "_SYNC_S", -1.0)
    write(path, "first", "second")
    assert len(synced) == 3
    monkeypatch.setattr(ledger_lines, "_SYNC_S", 1e9)
    write(path, "third", "fourth")
    assert len(synced) == 4


def test_names_that_are_no_text_are_kept(path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9")
    write(path, odd)
    with opened(path) as ledger:
        assert ledger.number(odd) == 0
        assert ledger.record(0).song == r"caf\udce9"


def test_a_folder_in_its_place_is_one_line(path: Path) -> None:
    path.mkdir()
    with pytest.raises(AudioFileError, match="is a folder"):
        Ledger(LocalLines(path))
