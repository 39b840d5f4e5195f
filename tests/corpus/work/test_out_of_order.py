"""What a place can do nothing about ends the run; what one song can do nothing about does not."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from mixrules.corpus.work import out_of_order
from mixrules.corpus.work.out_of_order import OutOfOrderError, ending_the_run
from mixrules.corpus.work.place import LocalPlace
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
    with pytest.raises(OutOfOrderError, match=f"cannot be written to: {why}$"), ending_the_run(tmp_path):
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
        OutOfOrderError("as it was"),
    ],
)
def test_what_does_not(error: BaseException, tmp_path: Path) -> None:
    with pytest.raises(type(error)) as caught, ending_the_run(tmp_path):
        raise error
    assert caught.value is error


def test_a_folder_that_is_gone_or_may_not_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutOfOrderError, match="it is gone"), ending_the_run(tmp_path / "gone"):
        raise caused(errno.ENOENT)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutOfOrderError, match="permission denied"), ending_the_run(tmp_path):
        raise caused(errno.EACCES)


def test_a_disk_without_room_ends_the_run_whoever_met_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out_of_order, "is_full", lambda _: True)
    place = LocalPlace(tmp_path)

    def write() -> None:
        with place.writing("a/b.txt") as (path,):
            path.write_text("half")
            raise AudioFileError("a library does not say why")

    with pytest.raises(OutOfOrderError, match="the disk is full"):
        write()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_libsndfile_cuts_a_file_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has room again once the file is removed: the error itself says that it was full."""
    full = [True, True, False, False]
    for module in (atomic, writing, out_of_order):
        monkeypatch.setattr(module, "is_full", lambda _: full.pop(0))
    monkeypatch.setattr(writing, "_samples_in", lambda *_: 3)
    with (
        pytest.raises(OutOfOrderError, match="the disk is full"),
        LocalPlace(tmp_path).writing("a.wav") as (path,),
    ):
        write_audio(path, np.zeros(9, np.float32), 44_100)


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
