"""What is in a folder: large ones are put in order once, as long as nothing changes in them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mixrules.corpus.layouts import listing as module
from mixrules.corpus.layouts.listing import listing


def test_a_large_folder_is_read_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2100):
        (tmp_path / f"{number}").touch()
    long_ago = time.time() - 60
    os.utime(tmp_path, (long_ago, long_ago))
    first = listing(tmp_path)
    assert first.files[:11] == tuple(map(str, range(11)))
    with monkeypatch.context() as patched:
        patched.setattr(module, "_read", None)
        assert listing(tmp_path) is first
    (tmp_path / "-1").touch()
    assert len(listing(tmp_path).files) == 2101


@pytest.mark.parametrize(
    ("name", "there"),
    [
        (".git", False),
        ("._a.wav", False),
        ("__MACOSX", False),
        ("...Baby One More Time", True),
        ("_ghost", True),
    ],
)
def test_what_is_hidden(tmp_path: Path, name: str, there: bool) -> None:
    (tmp_path / name).mkdir()
    assert (name in listing(tmp_path).folders) is there


def test_a_file_is_found_by_its_name_without_the_extension(tmp_path: Path) -> None:
    for name in ("Vocals.WAV", "vocals.mp3", "vocals.txt", "drums.flac", "drums.mp3", "bass.mid"):
        (tmp_path / name).touch()
    found = listing(tmp_path)
    paths = [found.audio(name) for name in ("vocals", "drums", "bass")]
    assert paths == [tmp_path / "Vocals.WAV", tmp_path / "drums.flac", None]
