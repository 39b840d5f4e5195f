"""Results in stores that fsspec reaches: whole files or none, a ledger that loses little, one run at a time."""

from __future__ import annotations

import errno
import importlib
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest
from corpus.work.counted_songs import Squaring, counted_songs
from waiting import wait_until

from mixrules.corpus.work import remote_lines, remote_lock, scratch, store
from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.place import LocalPlace, open_place
from mixrules.corpus.work.remote_lines import RemoteLines
from mixrules.corpus.work.remote_place import RemotePlace
from mixrules.corpus.work.run import run_songs
from mixrules.corpus.work.run_document import read_run
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.song_work import Record
from mixrules.corpus.work.store import Store
from mixrules.errors import AudioFileError, MissingPackageError, ParameterError
from mixrules.files import private_folder

fsspec: Any = pytest.importorskip("fsspec", reason="fsspec is not installed")
from fsspec.implementations.local import LocalFileSystem  # noqa: E402
from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(store, "_PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(remote_lock, "_SETTLE_S", 0.0)
    monkeypatch.setattr(remote_lock, "_LOOK_AGAIN_S", (0.0,))
    yield
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(params=["memory", "file"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> RemotePlace:
    """A place in a store that only copies, and in one that moves, as a server of files does."""
    url = "memory://bucket/a folder" if request.param == "memory" else (tmp_path / "results").as_uri()
    return RemotePlace(Store(url))


def content(place: RemotePlace, name: str) -> str:
    with place.reading(name) as path:
        return path.read_text()


def everything(place: RemotePlace) -> list[str]:
    files, root = fsspec.core.url_to_fs(place.store.url)
    return sorted(path.removeprefix(root).lstrip("/") for path in files.find(root))


def write_two(place: RemotePlace, *, fail: bool = False) -> None:
    with place.writing("a.txt", "b.txt") as paths:
        paths[0].write_text("whole")
        if fail:
            raise AudioFileError("too loud")
        paths[1].write_text("whole")


def test_files_appear_whole_in_folders_of_their_own(place: RemotePlace) -> None:
    # Characters that patterns and addresses give a meaning.
    names = ("train/A [live] - 100%?/mix*.txt", "train/A [live] - 100%?/plan#1.txt")
    with place.writing(*names) as paths:
        for number, path in enumerate(paths):
            path.write_text(str(number))
        assert not place.exists(names[0])
    assert [content(place, name) for name in names] == ["0", "1"]
    assert everything(place) == sorted(names)
    with place.writing(names[0]) as (path,):
        path.write_text("another")
    assert content(place, names[0]) == "another"
    place.remove(names[0])
    place.remove(names[0])
    assert everything(place) == [names[1]]
    assert pickle.loads(pickle.dumps(place)) == place


def test_nothing_appears_of_what_fails(place: RemotePlace) -> None:
    with pytest.raises(AudioFileError, match="too loud") as caught:
        write_two(place, fail=True)
    assert not isinstance(caught.value, RunEndingError)
    assert everything(place) == []


@pytest.mark.parametrize("way", ["one", "none"])
def test_what_cannot_be_put_ends_the_run(
    place: RemotePlace, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    real = fsspec.AbstractFileSystem.put_file if place.store.url.startswith("m") else LocalFileSystem.put_file
    kind = MemoryFileSystem if place.store.url.startswith("m") else LocalFileSystem
    tries: list[str] = []

    def put_file(self: Any, lpath: str, rpath: str, **options: Any) -> None:
        tries.append(lpath)
        if way == "none" or Path(lpath).name == "b.txt":
            raise OSError(errno.EIO, "the network is gone")
        real(self, lpath, rpath, **options)

    monkeypatch.setattr(kind, "put_file", put_file)
    with pytest.raises(RunEndingError, match=r"cannot be written to: OSError: .*the network is gone"):
        write_two(place)
    assert everything(place) == []
    assert [Path(path).name for path in tries] == (
        ["a.txt"] * 3 if way == "none" else ["a.txt", *["b.txt"] * 3]
    )


def test_what_fails_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    place, tries = RemotePlace(Store("memory://bucket")), []
    real = fsspec.AbstractFileSystem.put_file

    def put_file(self: Any, lpath: str, rpath: str, **options: Any) -> None:
        tries.append(rpath)
        if len(tries) == 1:
            raise ConnectionResetError
        real(self, lpath, rpath, **options)

    monkeypatch.setattr(MemoryFileSystem, "put_file", put_file)
    with place.writing("a.txt") as (path,):
        path.write_text("whole")
    assert everything(place) == ["a.txt"]


@pytest.mark.parametrize(
    ("called", "do"),
    [
        ("exists", lambda place: place.exists("a.txt")),
        ("ls", lambda place: place.is_empty()),
        ("rm_file", lambda place: place.remove("a.txt")),
        ("cat_file", lambda place: place.store.read("a.txt")),
        ("makedirs", lambda place: place.store.make()),
    ],
)
def test_whatever_is_asked_for_is_asked_for_again(
    called: str, do: Callable[[RemotePlace], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, tries = RemotePlace(Store("memory://bucket")), []
    with place.writing("a.txt") as (path,):
        path.write_text("whole")
    real = getattr(MemoryFileSystem, called)

    def flaky(self: Any, *given: Any, **options: Any) -> Any:
        tries.append(given)
        if len(tries) == 1:
            raise ConnectionResetError
        return real(self, *given, **options)

    monkeypatch.setattr(MemoryFileSystem, called, flaky)
    do(place)
    assert len(tries) == 2


def test_what_is_missing_is_named(place: RemotePlace) -> None:
    with pytest.raises(AudioFileError, match=r"a\.txt does not exist$"), place.reading("a.txt"):
        pass
    with pytest.raises(AudioFileError, match=r"run\.json is missing"):
        read_run(place)


def test_what_fsspec_cannot_open_is_one_line() -> None:
    words = "^nosuch://bucket/x cannot be used: ValueError: Protocol not known: nosuch$"
    with pytest.raises(ParameterError, match=words), open_place("nosuch://bucket/x").held():
        pass


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = importlib.import_module("fsspec.registry")
    there = {"class": "no_such_package.S3", "err": "Install s3fs to access S3"}
    monkeypatch.setitem(registry.known_implementations, "s3", there)
    monkeypatch.delitem(registry._registry, "s3", raising=False)
    words = "^s3://b/x cannot be used: Install s3fs to access S3$"
    with pytest.raises(MissingPackageError, match=words), open_place("s3://b/x").held():
        pass


def test_a_url_of_files_is_their_folder(tmp_path: Path) -> None:
    assert open_place((tmp_path / "a b").as_uri()) == LocalPlace(tmp_path / "a b")
    assert open_place(str(tmp_path)) == LocalPlace(tmp_path)
    assert open_place(tmp_path) == LocalPlace(tmp_path)
    assert str(open_place("memory://x/y/")) == "memory://x/y"


def record(number: int, **more: Any) -> Record:
    return Record(song=f"song {number}", stamp="00" * 16, key="k", values={"n": number}, **more)


def ledger_of(place: RemotePlace, records: list[Record]) -> None:
    with closing(Ledger(place.ledger_lines())) as ledger:
        for new in records:
            number = ledger.number(new.song)
            ledger.put(ledger.add(new.song, len(ledger)) if number is None else number, new)


def test_a_ledger_is_read_as_it_was_written(place: RemotePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_lines, "_FULL_BYTES", 400)
    ledger_of(place, [record(n) for n in range(20)])
    ledger_of(place, [record(n, reason="no") for n in range(5)])
    files = [name for name in everything(place) if name.startswith("ledger/")]
    assert 3 < len(files) < 20
    with closing(Ledger(place.ledger_lines())) as ledger:
        assert len(ledger) == 20
        for n in range(20):
            assert ledger.record(n) == record(n, reason="no" if n < 5 else "")


def test_lines_can_be_read_while_they_are_added(place: RemotePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_lines, "_FULL_BYTES", 50)
    monkeypatch.setattr(remote_lines, "_PUT_AFTER_S", 0.01)
    with closing(place.ledger_lines()) as lines:
        assert list(lines.read()) == []
        known = {}
        for n in range(60):
            known[lines.append(b"line %d" % n)] = b"line %d" % n
            time.sleep(0.001)
            assert {position: lines.at(position) for position in known} == known
    with closing(place.ledger_lines()) as lines:
        assert [line for _, line in lines.read()] == list(known.values())
        assert [position for position, _ in lines.read()] == sorted(position for position, _ in lines.read())


def test_a_killed_run_loses_a_moment(place: RemotePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_lines, "_PUT_AFTER_S", 0.02)
    killed = place.ledger_lines()
    list(killed.read())
    killed.append(b"kept")
    assert wait_until(lambda: [line for _, line in RemoteLines(place.store).read()] == [b"kept"], 5.0)
    monkeypatch.setattr(remote_lines, "_PUT_AFTER_S", 60.0)
    killed.append(b"lost")
    with closing(place.ledger_lines()) as lines:
        assert [line for _, line in lines.read()] == [b"kept"]
        lines.append(b"new")
    with closing(place.ledger_lines()) as lines:
        assert [line for _, line in lines.read()] == [b"kept", b"new"]
    killed.close()


def test_of_a_file_that_was_put_again_the_newer_counts(place: RemotePlace) -> None:
    place.store.make()
    for name, lines in (("000000-0a-0000", "a\n"), ("000000-0a-0001", "a\nb\n"), ("000000-0b-0000", "c\n")):
        with place.writing(f"ledger/{name}.jsonl") as (path,):
            path.write_text(lines)
    with closing(place.ledger_lines()) as lines_of_all:
        assert [line for _, line in lines_of_all.read()] == [b"a", b"b", b"c"]


def test_a_ledger_that_cannot_be_put_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    place = RemotePlace(Store("memory://bucket"))

    def put_file(*_: Any, **__: Any) -> None:
        raise PermissionError("not allowed")

    monkeypatch.setattr(MemoryFileSystem, "put_file", put_file)
    monkeypatch.setattr(remote_lines, "_PUT_AFTER_S", 0.01)
    lines = place.ledger_lines()
    list(lines.read())
    lines.append(b"one")

    def fails() -> bool:
        try:
            lines.append(b"two")
        except RunEndingError as error:
            return "PermissionError: not allowed" in str(error)
        return False

    assert wait_until(fails, 5.0)
    with pytest.raises(RunEndingError, match="cannot be written to"):
        lines.close()


def full(*_: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_without_room_for_temporary_files_the_run_ends(
    place: RemotePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "private_folder", full)
    monkeypatch.setattr(remote_lines, "_PUT_AFTER_S", 0.01)
    words = "^the folder of temporary files cannot be written to: no space left on device$"
    with pytest.raises(RunEndingError, match=words):
        write_two(place)
    lines = place.ledger_lines()
    lines.append(b"one")

    def fails() -> bool:
        try:
            lines.append(b"two")
        except RunEndingError as error:
            return "temporary files" in str(error)
        return False

    assert wait_until(fails, 5.0)


def test_a_ledger_tells_of_whatever_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def put_bytes(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Store, "put_bytes", put_bytes)
    lines = RemoteLines(Store("memory://bucket"))
    lines.append(b"one")
    lines._put_later()
    with pytest.raises(RunEndingError, match=r"^memory://bucket cannot be written to: not enough memory$"):
        lines.append(b"two")


def test_a_run_is_renewed_when_there_is_room_again(
    place: RemotePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_lock, "_RENEW_S", 0.01)
    real, tries = private_folder, []

    def at_times_full(name: str) -> Any:
        tries.append(name)
        return full() if len(tries) in (2, 3) else real(name)

    monkeypatch.setattr(scratch, "private_folder", at_times_full)
    with place.held():
        first = remote_lock._holder(place.store)
        assert first is not None
        assert wait_until(lambda: len(tries) > 5, 5.0)
        last = remote_lock._holder(place.store)
        assert last is not None
        assert last.run == first.run
        assert last.renewed_s > first.renewed_s


def test_what_a_killed_process_leaves_in_the_temporary_folder_is_removed(
    place: RemotePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    program = (
        "import os, signal; from mixrules.corpus.work.scratch import scratch_folder\n"
        "with scratch_folder() as folder: (folder / 'x').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")},
    )
    assert len(list((tmp_path / "tmp").iterdir())) == 1
    with place.writing("a.txt") as (path,):
        path.write_text("whole")
        assert [found.name for found in (tmp_path / "tmp").iterdir()] == [path.parent.parent.name]
    with place.reading("a.txt") as path:
        assert [found.name for found in (tmp_path / "tmp").iterdir()] == [path.parent.name]
    with closing(place.ledger_lines()) as lines:
        lines.append(b"line")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_one_run_at_a_time(place: RemotePlace) -> None:
    with place.held():
        with (
            pytest.raises(
                ParameterError, match=f"is in use by another run \\(process {os.getpid()} on .*since"
            ),
            place.held(),
        ):
            pass
        assert place.is_empty()
    with place.held():
        pass
    assert everything(place) == []


def test_a_killed_run_holds_nothing(place: RemotePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.held():
        monkeypatch.setattr(remote_lock, "_lives", lambda process: False)
        with place.held():  # it was of a process of this machine that has ended
            pass
    monkeypatch.undo()
    monkeypatch.setattr(remote_lock, "_SETTLE_S", 0.0)
    with place.held():
        monkeypatch.setattr(remote_lock, "_ABANDONED_S", -1.0)
        with place.held():  # it was not renewed for long
            pass


def test_a_run_whose_place_another_has_taken_puts_nothing(place: RemotePlace) -> None:
    with place.held() as mine:
        write_two(cast("RemotePlace", mine))
        holder = remote_lock._holder(place.store)
        assert holder is not None
        remote_lock._write(place.store, remote_lock._Holder("0a", 7, "elsewhere", "today", time.time()))
        ended = mock.Mock()
        ended.wait.side_effect = [False, False, True]
        remote_lock._renew(place.store, holder, ended)
        there = remote_lock._holder(place.store)
        assert there is not None
        assert there.run == "0a"
        words = r"is in use by another run now \(process 7 on elsewhere, since today\)$"
        with pytest.raises(RunEndingError, match=words), mine.writing("c.txt") as (path,):
            path.write_text("c")
    assert everything(place) == [remote_lock.NAME, "a.txt", "b.txt"]


def test_a_run_that_has_ended_puts_nothing(place: RemotePlace) -> None:
    with place.held() as mine:
        pass
    with pytest.raises(RunEndingError, match=r"is not held by this run any more: it has ended$"):
        write_two(cast("RemotePlace", mine))
    assert everything(place) == []


@pytest.mark.parametrize("failing", [(), (3, 14)])
def test_a_run_ends_as_it_does_in_a_folder(
    place: RemotePlace, tmp_path: Path, failing: tuple[int, ...]
) -> None:
    songs = counted_songs(tmp_path / "songs", 23)
    (tmp_path / "tried").mkdir()
    work = Squaring(tried=tmp_path / "tried", fails=failing)
    url = place.store.url
    folder = tmp_path / "folder"
    run_songs(work, songs, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mixrules.corpus.work.run.open_place", lambda output: place)
        summary = run_songs(work, songs, url)
        assert (summary.done, len(summary.failed)) == (23 - len(failing), len(failing))
        tried = len(list(work.tried.iterdir()))
        again = run_songs(work, songs, url)
    assert (again.done, again.kept, len(again.failed)) == (0, 23 - len(failing), len(failing))
    assert len(list(work.tried.iterdir())) == tried
    outputs = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    there = {name for name in everything(place) if not name.startswith("ledger/")}
    assert there == outputs - {"ledger.jsonl"}
    for name in there:
        assert content(place, name) == (folder / name).read_text()
