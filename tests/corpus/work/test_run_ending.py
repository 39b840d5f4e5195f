"""What a place can do nothing about ends the run; what one song can do nothing about does not."""

from __future__ import annotations

import errno
import os
import pickle
import socket
from pathlib import Path

import numpy as np
import pytest

from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work import lock, run_ending
from mixrules.corpus.work.place import LocalPlace, Place, open_place
from mixrules.corpus.work.run_ending import RunEndingError, ending_the_run
from mixrules.errors import AudioFileError
from mixrules.files import atomic, write_audio, write_text_atomic
from mixrules.files.audio import writing


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def caused(number: int) -> AudioFileError:
    error = AudioFileError("x cannot be written")
    error.__cause__ = system(number)
    return error


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (system(errno.ENOSPC), "the disk is full"),
        (caused(errno.ENOSPC), "the disk is full"),
        (caused(errno.EROFS), "it is read-only"),
        (caused(errno.EDQUOT), "the disk quota is used up"),
        (caused(errno.ESTALE), "the disk has gone"),
    ],
)
def test_what_ends_the_run(error: OSError, why: str, tmp_path: Path) -> None:
    with pytest.raises(RunEndingError, match=f"cannot be written to: {why}$"), ending_the_run(tmp_path):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        AudioFileError("vocals.wav is cut short"),
        caused(errno.ENAMETOOLONG),
        caused(errno.EACCES),
        caused(errno.EFBIG),
        ValueError(),
        KeyboardInterrupt(),
        RunEndingError("as it was"),
    ],
)
def test_what_does_not(error: BaseException, tmp_path: Path) -> None:
    with pytest.raises(type(error)) as caught, ending_the_run(tmp_path):
        raise error
    assert caught.value is error


def test_a_folder_that_is_gone_or_may_not_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunEndingError, match="it is gone"), ending_the_run(tmp_path / "gone"):
        raise caused(errno.ENOENT)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(RunEndingError, match="permission denied"), ending_the_run(tmp_path):
        raise caused(errno.EACCES)


def test_a_disk_without_room_ends_the_run_whoever_met_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_ending, "is_full", lambda _: True)
    place = LocalPlace(tmp_path)

    def write() -> None:
        with place.writing("a/b.txt") as (path,):
            path.write_text("half")
            raise AudioFileError("a library does not say why")

    with pytest.raises(RunEndingError, match="the disk is full"):
        write()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_libsndfile_cuts_a_file_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has room again once the file is removed: the error itself says that it was full."""
    full = [True, True, False, False]
    for module in (atomic, writing, run_ending):
        monkeypatch.setattr(module, "is_full", lambda _: full.pop(0))
    monkeypatch.setattr(writing, "_samples_in", lambda *_: 3)
    with (
        pytest.raises(RunEndingError, match="the disk is full"),
        LocalPlace(tmp_path).writing("a.wav") as (path,),
    ):
        write_audio(path, np.zeros(9, np.float32), 44_100)


def written_to(place: Place) -> None:
    with place.writing("a/b.txt") as (path,):
        path.write_text("b")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_LOOK_AGAIN_S", (0.0,))


@pytest.mark.usefixtures("at_once")
def test_a_machine_without_the_folder_of_a_run_does_not_make_it(tmp_path: Path) -> None:
    with LocalPlace(tmp_path / "out").held() as place:
        written_to(place)
        (tmp_path / "out").rename(tmp_path / "elsewhere")
        words = rf"out is not there on this machine \({socket.gethostname()}\): a folder that all machines share is"
        with pytest.raises(RunEndingError, match=words):
            written_to(place)
        assert not (tmp_path / "out").exists()
        (tmp_path / "out").mkdir()  # a folder of that name, but another
        with pytest.raises(RunEndingError, match="is not held by this run"):
            written_to(place)
        assert not list((tmp_path / "out").iterdir())


@pytest.mark.usefixtures("at_once")
def test_a_run_that_has_ended_writes_and_removes_nothing(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path)
    with place.held() as before:
        written_to(before)
        (tmp_path / lock.NAME).rename(tmp_path / "lock")
    (tmp_path / "lock").rename(tmp_path / lock.NAME)  # what a run that is killed leaves
    written_to(before)
    with place.held() as now:
        for do in (written_to, lambda old: old.remove("a/b.txt")):
            with pytest.raises(RunEndingError, match="is not held by this run: it has ended, or"):
                do(before)
        written_to(now)
        with pytest.raises(RunEndingError, match="is not held"), now.writing("c.txt"):
            (tmp_path / lock.NAME).unlink()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b.txt"]


def test_a_place_goes_to_processes_that_are_somewhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    sent = pickle.dumps((open_place("out"), open_place(Path("out") / ".sums"), Catalogue(Path("songs"))))
    monkeypatch.chdir(tmp_path / "elsewhere")
    output, sums, songs = pickle.loads(sent)
    assert (output.folder, sums.folder) == (tmp_path / "out", tmp_path / "out/.sums")
    assert songs.root == tmp_path / "songs"


def test_a_place_is_a_folder(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path / "out")
    assert place.is_empty()
    assert not place.exists("a/b.txt")
    with place.writing("a/b.txt", "c.txt") as (first, second):
        first.write_text("first")
        write_text_atomic(second, "second")
        assert not place.exists("a/b.txt")
    assert place.exists("a/b.txt")
    with place.reading("c.txt") as path:
        assert path.read_text() == "second"
    place.remove("c.txt")
    place.remove("c.txt")
    assert not place.exists("c.txt")
    assert not place.is_empty()
    with pytest.raises(AudioFileError, match=r"c\.txt does not exist"), place.reading("c.txt"):
        pass
    with pytest.raises(AudioFileError, match="a cannot be written"):
        place.remove("a")
