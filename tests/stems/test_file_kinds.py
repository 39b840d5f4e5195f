"""What of a folder's files is a stem: extensions, content, and everything that might be audio and is not used."""

from __future__ import annotations

import os
import shutil
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from stem_folders import RATE, left_out, noise, put, song

from mixrules.errors import AudioFileError, StemsError
from mixrules.stems import load_stems
from mixrules.stems.song_files import file_kinds
from mixrules.stems.song_files.audio_content import HEAD_BYTES, audio_content, content_of


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("bass.wav ", "bass"),
        ("bass.wav.", "bass"),
        ("bass.WAV", "bass"),
        ("bass.Wave", "bass"),
        ("bass", "bass"),
        ("01. Bass", "01. Bass"),
        ("bass.xyz", "bass"),
        ("bass.bwf", "bass"),
        ("bass.caf", "bass"),
        ("bass.au", "bass"),
        ("bass (1).wav", "bass (1)"),
        ("b" * 200 + " bass.wav", "b" * 200 + " bass"),
    ],
)
def test_audio_is_a_stem_whatever_it_is_called(tmp_path: Path, name: str, stem: str) -> None:
    stems = load_stems(song(tmp_path, "vocals.flac", name))
    assert stem in stems.names
    odd = not name.lower().endswith((".wav", ".wave", ".bwf", ".caf", ".au"))
    assert any(note.startswith(f"{name}: its ") for note in stems.notes) == odd


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3", ".aif", ".caf", ".au", ".wav"])
def test_content_is_known_without_an_extension(tmp_path: Path, suffix: str) -> None:
    path = put(tmp_path / f"x{suffix}", 44_100)
    content = audio_content(path)
    assert content is not None
    assert content.libsndfile
    path.rename(tmp_path / "vocals")
    assert load_stems(tmp_path).names == ("vocals",)


def test_mpeg_audio_is_known_by_two_frames(tmp_path: Path) -> None:
    for subtype in ("MPEG_LAYER_III", "MPEG_LAYER_II", "MPEG_LAYER_I"):
        path = tmp_path / "x"
        try:
            soundfile.write(path, noise(44_100), RATE, format="MP3", subtype=subtype)
        except soundfile.LibsndfileError:
            continue
        head = path.read_bytes()[:HEAD_BYTES]
        assert content_of(head) is not None
        assert content_of(head[:100]) is None
    assert content_of("text".encode("utf-16")) is None
    assert content_of(b"\xff\xfb\x90\x00" + bytes(HEAD_BYTES)) is None


@pytest.mark.parametrize(
    "head",
    [
        b"RIFF\0\0\0\0AVI ",
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\0\0\0\0sfbk",
        b"\0\0\0\x18ftypheic",
        b"\x89PNG\r\n",
        b"\xff\xd8\xff\xe0",
        b"%PDF",
        b"MThd",
        b"",
    ],
)
def test_other_files_are_no_audio(tmp_path: Path, head: bytes) -> None:
    song(tmp_path, "bass.wav")
    (tmp_path / "other").write_bytes(head + bytes(100))
    assert load_stems(tmp_path).notes == ()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bass.wav.bak", "old copy"),
        ("bass.wav~", "old copy"),
        ("bass.wav.1", "old copy"),
        ("bass.bak", "old or unfinished"),
        ("bass.wav.part", "unfinished"),
        ("bass.wav.crdownload", "unfinished"),
        (".bass.wav", "hidden"),
        (".bass.wav.icloud", "bass.wav is in iCloud"),
        ("bass.sd2", "Sound Designer II"),
        ("bass.mogg", "several stems"),
        ("session.aup3", "Audacity"),
        ("more.zip", "archive"),
        ("more.rar", "archive"),
        ("more.tar.gz", "archive"),
    ],
)
def test_what_might_be_audio_and_is_not_used_is_named(tmp_path: Path, name: str, why: str) -> None:
    folder = song(tmp_path, "vocals.wav", name)
    assert load_stems(folder).names == ("vocals",)
    assert why in left_out(folder)[name]
    (folder / "vocals.wav").unlink()
    with pytest.raises(StemsError, match=f"only {'.' if name.startswith('.') else ''}[a-z]+"):
        load_stems(folder)


def test_what_lies_in_a_group_is_named_with_it(tmp_path: Path) -> None:
    folder = song(tmp_path, "bass.wav", "Drums/Kick.wav", "Drums/Snare.sd2", "Extras/old.sd2")
    assert set(left_out(folder)) == {"Drums/Snare.sd2", "Extras/old.sd2"}


def test_empty_files_broken_links_and_pipes_are_named(tmp_path: Path) -> None:
    song(tmp_path, "bass.wav")
    (tmp_path / "vocals.wav").write_bytes(b"")
    (tmp_path / "keys.wav").symlink_to("nowhere.wav")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "nothing").symlink_to("nowhere")
    found = left_out(tmp_path)
    assert found.pop("loop.wav").startswith("it cannot be read (")
    assert found == {
        "vocals.wav": "it is empty (0 bytes)",
        "keys.wav": "it is a link to nothing",
        "pipe.wav": "it is no regular file",
    }


def test_what_systems_and_this_package_leave_beside_files_is_passed_over(tmp_path: Path) -> None:
    song(tmp_path, "bass.wav", ".mix.0a1b2c3d.tmp.wav", "._bass.wav", ".DS_Store")
    assert load_stems(tmp_path).notes == ()


@pytest.mark.parametrize(
    "name", ["bass (1)", "bass - Copy", "bass copy 2", "Copy of bass", "bass - Kopie", "bass - 副本"]
)
def test_copies_are_left_out(tmp_path: Path, name: str) -> None:
    song(tmp_path, "bass.wav", f"{name}.wav", "vocals.wav")
    assert load_stems(tmp_path).names == ("bass", "vocals")
    assert left_out(tmp_path) == {f"{name}.wav": "it is a copy of bass.wav"}
    put(tmp_path / f"{name}.wav", 500)
    assert len(load_stems(tmp_path)) == 3


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song(tmp_path, "bass.wav", "closed")

    def denied(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(file_kinds, "audio_content", denied)
    assert left_out(tmp_path) == {"closed": "it cannot be read (permission denied)"}


@pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere hold names as Unicode")
def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    song(tmp_path, "bass.wav")
    folder = os.fsencode(tmp_path)
    for name in (b"\xff.txt", b"\xfe.sd2"):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(b"x")
    assert load_stems(tmp_path).notes[0].isprintable()
    shutil.copy(tmp_path / "bass.wav", os.fsdecode(folder + b"/\xff.wav"))
    with pytest.raises(AudioFileError, match="not UTF-8, rename it"):
        load_stems(tmp_path)


def test_names_of_more_than_a_line_make_one_line(tmp_path: Path) -> None:
    song(tmp_path, "bass.wav", "a\nb.sd2")
    assert load_stems(tmp_path).notes[0].startswith(r"a\nb.sd2 left out")


def test_films_are_left_out_and_sound_alone_is_not(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="PyAV is not installed")
    for name, film in (("clip.mp4", True), ("voice.mp4", False)):
        with av.open(str(tmp_path / name), "w", format="mp4") as container:
            sound = container.add_stream("aac", rate=RATE)
            sound.layout = "mono"
            frame = av.AudioFrame.from_ndarray(
                noise(4096).astype(np.float32)[None], format="fltp", layout="mono"
            )
            frame.sample_rate = RATE
            if film:
                pictures = container.add_stream("mpeg4", rate=25)
                pictures.width = pictures.height = 16
                picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
                container.mux([*pictures.encode(picture), *pictures.encode(None)])
            container.mux([*sound.encode(frame), *sound.encode(None)])
    assert file_kinds.file_kind(tmp_path / "clip.mp4").note.startswith("it is a film")
    assert file_kinds.file_kind(tmp_path / "voice.mp4").kind == "stem"
    (tmp_path / "voice.mp4").rename(tmp_path / "voice")
    assert file_kinds.file_kind(tmp_path / "voice").kind == "stem"
    (tmp_path / "cut.mov").write_bytes(b"x" * 50)
    assert file_kinds.file_kind(tmp_path / "cut.mov").note.startswith("it is not audio that can be read")


def test_without_pyav_what_it_would_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song(tmp_path, "bass.wav")
    (tmp_path / "vocals.m4a").write_bytes(struct.pack(">I", 24) + b"ftypM4A " + bytes(50))
    (tmp_path / "keys").write_bytes(b"wvpk" + bytes(50))
    assert file_kinds.file_kind(tmp_path / "vocals.m4a").kind == "stem"
    assert file_kinds.file_kind(tmp_path / "keys").kind == "stem"
    monkeypatch.setattr(file_kinds, "libav_is_installed", lambda: False)
    found = left_out(tmp_path)
    assert list(found) == ["keys", "vocals.m4a"]
    assert all("mixrules[stems]" in why for why in found.values())
    (tmp_path / "bass.wav").unlink()
    with pytest.raises(StemsError, match=r"mixrules\[stems\]"):
        load_stems(tmp_path)
