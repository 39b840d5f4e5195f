"""How much memory stems will take, told from headers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixrules.errors import AudioFileError
from mixrules.stems.described_song import load_described
from mixrules.stems.held_memory import held_mib
from mixrules.stems.loading import HOLD_MIB
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

RATE = 16_000


def write(path: Path, seconds: float, channels: int = 2, rate: int = RATE) -> Path:
    audio = np.full((round(seconds * rate), channels), 0.1)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio, rate, subtype="PCM_16")
    return path


def stem(name: str, *parts: AudioPart) -> StemDescription:
    return StemDescription(name=name, parts=parts)


def in_folder(tmp_path: Path) -> SongDescription:
    write(tmp_path / "song/vocals.wav", 3.0, channels=1)
    write(tmp_path / "song/Drums/kick.flac", 2.0)
    write(tmp_path / "song/bass.wav", 1.0, rate=8_000)
    return SongDescription(song="song", folder=tmp_path / "song")


def in_parts(tmp_path: Path) -> SongDescription:
    both = AudioPart(path=write(tmp_path / "both.wav", 2.0))
    return SongDescription(
        song="song",
        stems=(
            stem("drums", AudioPart(path=write(tmp_path / "kick.wav", 3.0)), both),
            stem("vocals", AudioPart(path=both.path, channel=1)),
        ),
    )


@pytest.mark.parametrize("make", [in_folder, in_parts])
@pytest.mark.parametrize("sample_rate", [None, 24_000])
def test_it_is_what_the_stems_take_once_they_are_read(tmp_path: Path, make, sample_rate: int | None) -> None:  # type: ignore[no-untyped-def]
    song = make(tmp_path)
    stems = load_described(song, sample_rate=sample_rate)
    taken = sum(np.asarray(each.audio).nbytes for each in stems) / 2**20
    assert held_mib(song, sample_rate=sample_rate) == pytest.approx(taken, rel=1e-3)


def test_nothing_is_held_of_a_song_that_is_left_on_the_disk(tmp_path: Path) -> None:
    song = in_folder(tmp_path)
    assert held_mib(song, hold_mib=0.9 * held_mib(song)) == 0.0


def test_parts_that_are_summed_are_held_however_long_they_are(tmp_path: Path) -> None:
    song = in_parts(tmp_path)
    held = held_mib(song)
    assert held_mib(song, hold_mib=0.9 * held) == held


def test_an_archive_is_not_unpacked_for_it(tmp_path: Path) -> None:
    archive = tmp_path / "song.zip"
    archive.write_bytes(b"PK, and whatever follows")
    assert held_mib(SongDescription(song="song", folder=archive)) == HOLD_MIB


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "vocals.wav").write_bytes(b"no audio")
    song = SongDescription(song="song", stems=(stem("vocals", AudioPart(path=tmp_path / "vocals.wav")),))
    with pytest.raises(AudioFileError, match=r"vocals.wav is not audio"):
        held_mib(song)
