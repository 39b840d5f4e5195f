"""Files that were joined byte by byte: read whole, or refused with the reason."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from audio_bytes import RATE, both_ways, encoded, ogg_pages, renumbered, slow_checksum, sound, without_xing

from mixrules.errors import AudioFileError
from mixrules.files import audio_header, frame_bytes, read_audio

KINDS = [
    ("WAV", "PCM_24", RATE),
    ("WAV", "IMA_ADPCM", RATE),
    ("RF64", "PCM_16", RATE),
    ("W64", "PCM_24", RATE),
    ("AIFF", "PCM_16", RATE),
    ("CAF", "PCM_24", RATE),
    ("AU", "PCM_16", RATE),
    ("FLAC", "PCM_16", RATE),
    ("MP3", None, RATE),
    ("OGG", "VORBIS", RATE),
    ("OGG", "OPUS", 48_000),
]


@pytest.mark.parametrize(("kind", "subtype", "rate"), KINDS)
def test_joined_files_are_read_whole(tmp_path: Path, kind: str, subtype: str | None, rate: int) -> None:
    # Of odd lengths: chunks are padded, and the next header lies behind that.
    first, second = (encoded(sound(s)[:n], kind, subtype, rate) for s, n in ((0.3, 9_999), (0.2, 7_001)))
    paths = [tmp_path / name for name in ("first", "second", "joined", "cut")]
    for path, content in zip(
        paths, (first, second, first + second + first, first + second[:-60]), strict=True
    ):
        path.write_bytes(content)
    one, other, joined = (read_audio(path).audio for path in paths[:3])
    np.testing.assert_array_equal(joined, np.concatenate([one, other, one]))
    assert not isinstance(both_ways(paths[2]), str)
    assert not audio_header(paths[2]).seekable
    assert "cut" in str(both_ways(paths[3]))


@pytest.mark.parametrize(("kind", "subtype", "rate"), KINDS)
@pytest.mark.parametrize("differ", ["channels", "Hz"])
def test_parts_that_differ_are_refused(
    tmp_path: Path, kind: str, subtype: str | None, rate: int, differ: str
) -> None:
    other_rate, channels = (24_000, 1) if differ == "Hz" else (rate, 2)
    path = tmp_path / "a"
    path.write_bytes(
        encoded(sound(), kind, subtype, rate) + encoded(sound(channels=channels), kind, subtype, other_rate)
    )
    outcome = str(both_ways(path))
    assert f"{path} joins audio of" in outcome
    assert differ in outcome


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("fffb9000", 417),  # version 1 layer 3, 128 kbit/s, 44.1 kHz: 144 * 128000 / 44100
        ("fffb9200", 418),  # padded
        ("fffd9000", 522),  # layer 2, 160 kbit/s
        ("ffff9400", 288),  # layer 1, 288 kbit/s, 48 kHz: 4 * (12 * 288000 / 48000)
        ("fff39000", 261),  # version 2, 80 kbit/s, 22.05 kHz: 72 * 80000 / 22050
        ("ffe31800", 72),  # version 2.5, 8 kbit/s, 8 kHz
        ("fffb0000", 0),  # a free bit rate
        ("fffbf000", 0),
        ("fffb9c00", 0),  # no rate
        ("fff19000", 0),  # no layer: AAC
        ("fffb", 0),
        ("", 0),
    ],
)
def test_the_size_of_a_frame_of_mpeg_audio(header: str, size: int) -> None:
    assert frame_bytes(bytes.fromhex(header)) == size
    assert frame_bytes(bytes.fromhex(header) + bytes(100 if len(header) == 8 else 0)) == size


def test_mp3s_are_joined_with_their_tags_between(tmp_path: Path) -> None:
    content = encoded(sound(), "MP3")
    tag = b"ID3\x04\0\0" + bytes([0, 0, 8, 0]) + bytes(1024)
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 1 << 31) + bytes(8)
    old_tag = b"TAG" + bytes(125)
    (tmp_path / "a.mp3").write_bytes(content)
    one = read_audio(tmp_path / "a.mp3").audio
    for between in (old_tag + tag, tag + tag, ape, b""):
        (tmp_path / "b.mp3").write_bytes(tag + content + between + content + old_tag)
        np.testing.assert_array_equal(read_audio(tmp_path / "b.mp3").audio, np.concatenate([one, one]))


def test_an_mp3_without_a_xing_frame_is_decoded_to_its_end(tmp_path: Path) -> None:
    """Silence first: a length guessed from the size of the first frames is too long by far, or too short."""
    quiet, loud = np.zeros((RATE, 2)), sound(1.0, channels=2)
    for halves in ((quiet, loud), (loud, quiet)):
        content = encoded(np.concatenate(halves), "MP3")
        (tmp_path / "a.mp3").write_bytes(content)
        (tmp_path / "b.mp3").write_bytes(without_xing(content))
        with_length, without = (read_audio(tmp_path / name).audio for name in ("a.mp3", "b.mp3"))
        assert len(without) % 1152 == 0
        assert 0 <= len(without) - len(with_length) < 3 * 1152  # the encoder's delay is not told any more
        assert not isinstance(both_ways(tmp_path / "b.mp3"), str)
        (tmp_path / "c.mp3").write_bytes(content + without_xing(content) + content)
        joined = read_audio(tmp_path / "c.mp3").audio
        np.testing.assert_array_equal(joined, np.concatenate([with_length, without, with_length]))


def test_what_lies_between_mp3_frames_is_damage(tmp_path: Path) -> None:
    content = encoded(sound(1.0), "MP3")
    middle = len(content) // 2
    (tmp_path / "a.mp3").write_bytes(content[:middle] + bytes(3000) + content[middle + 3000 :])
    assert "is damaged: at byte" in str(both_ways(tmp_path / "a.mp3"))
    (tmp_path / "b.mp3").write_bytes(content + bytes(3000))  # filled up, as some tools leave it
    assert not isinstance(both_ways(tmp_path / "b.mp3"), str)


def test_tags_behind_the_samples_do_not_matter(tmp_path: Path) -> None:
    for kind in ("FLAC", "OGG", "WAV", "AIFF", "MP3"):
        content = encoded(sound(), kind)
        for number, end in enumerate((b"", b"TAG" + bytes(125), bytes(77))):
            (tmp_path / f"{number}").write_bytes(content + end)
        whole, tagged, filled = (both_ways(tmp_path / f"{number}") for number in range(3))
        assert whole == tagged == filled
        assert not isinstance(whole, str)


def test_a_flac_that_begins_later_is_read(tmp_path: Path) -> None:
    """As ``ffmpeg -ss ... -c copy`` leaves it: the header still counts the samples that were cut off."""
    audio = sound(2.0)
    content = encoded(audio, "FLAC")
    at = content.index(b"\xff\xf8")
    starts = [at]
    while (following := content.find(content[at : at + 3], starts[-1] + 1)) > 0:
        starts.append(following)
    assert len(starts) > 10
    (tmp_path / "a.flac").write_bytes(content[:at] + content[starts[5] :])
    (tmp_path / "b.flac").write_bytes(content)
    later, whole = (read_audio(tmp_path / name).audio for name in ("a.flac", "b.flac"))
    np.testing.assert_array_equal(later, whole[5 * 4096 :])
    (tmp_path / "a.flac").write_bytes(content[:at] + content[starts[5] : starts[-2]])
    assert "cut" in str(both_ways(tmp_path / "a.flac"))


# --- the pages of an OGG file ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages() -> list[bytes]:
    found = ogg_pages(encoded(sound(4.0, channels=2), "OGG", "VORBIS"))
    assert len(found) > 8
    assert found[3][22:26] == struct.pack("<I", slow_checksum(found[3][:22] + bytes(4) + found[3][26:]))
    return list(found)


@pytest.mark.parametrize("dropped", [1, 3])
def test_an_ogg_that_begins_later_is_read(tmp_path: Path, pages: list[bytes], dropped: int) -> None:
    """As ``ffmpeg -ss ... -c copy`` leaves it: the first position is not 0, and nothing is missing."""
    (tmp_path / "whole.ogg").write_bytes(b"".join(pages))
    (tmp_path / "later.ogg").write_bytes(renumbered(pages[:2] + pages[2 + dropped :]))
    whole, later = (read_audio(tmp_path / name).audio for name in ("whole.ogg", "later.ogg"))
    assert not isinstance(both_ways(tmp_path / "later.ogg"), str)
    assert len(whole) / 2 < len(later) < len(whole)
    np.testing.assert_allclose(later[-RATE:], whole[-RATE:], atol=1e-6)


def test_an_ogg_without_its_last_pages_is_read_to_its_end(tmp_path: Path, pages: list[bytes]) -> None:
    """As a recorded stream: no page says that it is the last, and every page is whole."""
    (tmp_path / "a.ogg").write_bytes(b"".join(pages[:-1]))
    outcome = both_ways(tmp_path / "a.ogg")
    assert not isinstance(outcome, str)
    assert 3 * RATE < outcome[0] < 4 * RATE


@pytest.mark.parametrize("how", ["missing", "changed", "filled"])
def test_an_ogg_with_a_bad_page_is_damaged(tmp_path: Path, pages: list[bytes], how: str) -> None:
    content = list(pages)
    if how == "missing":
        del content[5]
    elif how == "changed":
        content[5] = content[5][:-1] + bytes([content[5][-1] ^ 1])
    else:
        content[5] = bytes(len(content[5]))
    (tmp_path / "a.ogg").write_bytes(b"".join(content))
    assert "is damaged" in str(both_ways(tmp_path / "a.ogg"))


def test_an_ogg_that_promises_hours_takes_the_memory_of_its_samples(
    tmp_path: Path, pages: list[bytes]
) -> None:
    last = pages[-1][:6] + struct.pack("<q", 1 << 60) + pages[-1][14:]
    (tmp_path / "a.ogg").write_bytes(renumbered([*pages[:-1], last]))
    outcome = both_ways(tmp_path / "a.ogg")
    assert not isinstance(outcome, str)
    assert 3 * RATE < outcome[0] < 5 * RATE


def test_a_chained_ogg_is_measured(tmp_path: Path) -> None:
    """libsndfile alone reads the first link, or never ends."""
    short, long = (encoded(sound(s, channels=2), "OGG", "OPUS", 48_000) for s in (0.3, 2.0))
    (tmp_path / "vocals.opus").write_bytes(short + long)
    assert len(read_audio(tmp_path / "vocals.opus").audio) == round(0.3 * RATE) + round(2.0 * RATE)
    (tmp_path / "vocals.opus").write_bytes(short + long[:-1])
    with pytest.raises(AudioFileError, match=r"vocals\.opus is cut short"):
        read_audio(tmp_path / "vocals.opus")
