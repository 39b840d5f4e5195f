"""Lengths in headers: left open, promised beyond what a file can hold, and beside the truth."""

from __future__ import annotations

import struct
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from audio_bytes import RATE, both_ways, encoded, sound, wav_with_length

from mixrules.errors import AudioFileError
from mixrules.files import FileAudio, audio_header, read_audio, write_audio
from mixrules.files.audio import writing as audio_writing


@pytest.mark.parametrize(
    ("riff", "data"),
    [
        (0, 0),
        (36, 0),
        (0x7FFFF024, 0x7FFFF000),  # sox
        (0x80000024, 0x80000000),  # arecord
        (0x7FFFFFFF, 0x7FFFFFFC),  # arecord, of frames of six bytes
        (0xFFFFFFFF, 0xFFFFFFFF),  # ffmpeg
        (0xFFFFFFFF, 0xFFFFFFDB),
    ],
)
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT", "ULAW", "IMA_ADPCM"])
def test_a_wav_whose_length_is_open_is_read_to_its_end(
    tmp_path: Path, riff: int, data: int, subtype: str
) -> None:
    content = encoded(sound(channels=2), "WAV", subtype)
    content = content[
        : content.index(b"data") + 8 + struct.unpack_from("<I", content, content.index(b"data") + 4)[0]
    ]
    (tmp_path / "whole.wav").write_bytes(content)
    (tmp_path / "open.wav").write_bytes(wav_with_length(content, riff, data))
    assert both_ways(tmp_path / "open.wav") == both_ways(tmp_path / "whole.wav")
    assert not isinstance(both_ways(tmp_path / "open.wav"), str)


@pytest.mark.parametrize("length", [100_000, 1 << 24, 0x7FF00000, 0x90000000])
def test_any_other_length_beyond_the_file_is_a_cut(tmp_path: Path, length: int) -> None:
    content = wav_with_length(encoded(sound(), "WAV", "PCM_16"), length + 36, length)
    (tmp_path / "a.wav").write_bytes(content)
    assert f"promises {length // 2} samples" in str(both_ways(tmp_path / "a.wav"))


def test_other_formats_whose_length_is_open(tmp_path: Path) -> None:
    audio = sound(channels=2)
    path = tmp_path / "a"
    for kind, marker, size, lengths in (
        ("AIFF", b"SSND", 4, (0, 0x7FFFF000, 0xFFFFFFFF)),
        ("CAF", b"data", 8, (2**64 - 1,)),
        ("W64", bytes.fromhex("64617461f3acd3118cd100c04f8edb8a"), 8, (24, 2**63 - 1)),
        ("RF64", b"ds64", 24, (0, 2**64 - 1)),
        ("AU", b".snd", 8, (0xFFFFFFFF, 0)),
    ):
        content = encoded(audio, kind, "PCM_16")
        path.write_bytes(content)
        whole = both_ways(path)
        for length in lengths:
            order = "little" if kind in ("W64", "RF64") else "big"
            first = content.index(marker) + len(marker)
            first += {"RF64": 12, "AU": 4}.get(kind, 0)  # other fields come first
            width = {"RF64": 8, "AU": 4}.get(kind, size)
            field = length.to_bytes(width, order)  # type: ignore[arg-type]
            path.write_bytes(content[:first] + field + content[first + width :])
            assert both_ways(path) == whole, (kind, length)


def test_a_flac_whose_length_is_open_is_read_to_its_end(tmp_path: Path) -> None:
    content = bytearray(encoded(sound(channels=2), "FLAC"))
    path = tmp_path / "a.flac"
    path.write_bytes(content)
    whole = both_ways(path)
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert both_ways(path) == whole
    path.write_bytes(content[:-500])
    assert "cut" in str(both_ways(path))


def test_an_empty_wav_with_chunks_behind_its_samples_is_not_open(tmp_path: Path) -> None:
    content = encoded(np.zeros((0, 1)), "WAV", "PCM_16")
    at = content.index(b"data")
    chunk = b"LIST" + struct.pack("<I", 12) + b"INFOISFT" + bytes(4)
    (tmp_path / "a.wav").write_bytes(content[: at + 8] + chunk)
    assert "holds no samples" in str(both_ways(tmp_path / "a.wav"))


# --- promises -------------------------------------------------------------------------------------


def test_a_promise_beyond_what_the_file_can_hold_is_refused_before_it_is_made_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flac = bytearray(encoded(sound(), "FLAC"))
    flac[21] |= 0x0F
    flac[22:26] = b"\xff" * 4
    rf64 = bytearray(encoded(sound(), "RF64", "PCM_16"))
    at = rf64.index(b"ds64") + 8
    rf64[at + 8 : at + 16] = struct.pack("<Q", 1 << 41)
    mp3 = bytearray(encoded(sound(), "MP3"))
    at = max(mp3.find(b"Xing"), mp3.find(b"Info"))
    mp3[at + 8 : at + 12] = struct.pack(">I", 1 << 30)
    made: list[int] = []
    empty = np.empty

    def recorded(shape: tuple[int, ...], *rest: object) -> np.ndarray:
        made.append(int(np.prod(shape)))
        return empty(shape, *rest)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr("mixrules.files.audio.reading.np.empty", recorded)
    for content in (flac, rf64, mp3):
        (tmp_path / "a").write_bytes(content)
        assert "promises" in str(both_ways(tmp_path / "a"))
    assert max(made, default=0) < 10_000_000


def test_what_needs_more_memory_than_there_is_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.wav").write_bytes(encoded(sound(), "WAV"))

    def no_room(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("mixrules.files.audio.reading.np.empty", no_room)
    with pytest.raises(AudioFileError, match=r"a\.wav needs more memory than there is"):
        read_audio(tmp_path / "a.wav")


def test_a_file_that_is_cut_while_it_is_read_in_slices(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(sound(2.0), "WAV", "PCM_16"))
    header = audio_header(path)
    audio = FileAudio(path, 1, header.samples, header.samples + 10, 1.0)
    path.write_bytes(encoded(sound(1.0), "WAV", "PCM_16"))
    with pytest.raises(AudioFileError, match=r"a\.wav has changed"):
        audio[0 : header.samples]


def test_files_are_read_by_several_threads_at_once(tmp_path: Path) -> None:
    contents = [encoded(sound(seed=seed), "MP3") * 2 for seed in range(4)]
    outcomes: dict[int, object] = {}
    for number, content in enumerate(contents):
        (tmp_path / f"{number}.mp3").write_bytes(content)
    alone = [both_ways(tmp_path / f"{number}.mp3") for number in range(4)]
    threads = [
        threading.Thread(target=lambda n=n: outcomes.update({n: both_ways(tmp_path / f"{n}.mp3")}))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcomes[n] for n in range(4)] == alone


# --- what other programs write --------------------------------------------------------------------


def test_samples_in_two_chunks_are_read(tmp_path: Path) -> None:
    content = encoded(sound(), "WAV", "PCM_16")
    at = content.index(b"data")
    samples = content[at + 8 :]
    half = len(samples) // 4 * 2
    parts = b"".join(
        b"data" + struct.pack("<I", len(part)) + part for part in (samples[:half], samples[half:])
    )
    (tmp_path / "one").write_bytes(content)
    (tmp_path / "two").write_bytes(content[:at] + parts)
    assert both_ways(tmp_path / "two") == both_ways(tmp_path / "one")
    (tmp_path / "two").write_bytes((content[:at] + parts)[:-40])
    assert "cut short" in str(both_ways(tmp_path / "two"))


def _wav_24_in_32(words: np.ndarray, bits: int, *, extensible: bool) -> bytes:
    tag = 0xFFFE if extensible else 1
    fmt = struct.pack("<HHIIHH", tag, 1, RATE, 4 * RATE, 4, bits)
    if extensible:
        fmt += struct.pack("<HHI", 22, 24, 4) + bytes.fromhex("0100000000001000800000aa00389b71")
    data = words.astype("<u4").tobytes()
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_24_bits_in_32_are_read_on_either_side(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    steps = rng.integers(-(2**23), 2**23, 1000)
    beside = rng.integers(0, 256, 1000)
    upper = (steps << 8) & 0xFFFFFFFF
    path = tmp_path / "a.wav"
    for content in (
        _wav_24_in_32(upper | beside, 32, extensible=True),  # the bits below are not a part of the sample
        _wav_24_in_32(upper, 24, extensible=False),
        _wav_24_in_32(upper, 24, extensible=True),
        _wav_24_in_32(steps & 0xFFFFFFFF, 24, extensible=False),  # ALSA, with the sign above
        _wav_24_in_32((steps & 0xFFFFFF) | (beside << 24), 24, extensible=False),
    ):
        path.write_bytes(content)
        np.testing.assert_array_equal(read_audio(path).audio[:, 0] * 2.0**23, steps)
        assert not isinstance(both_ways(path), str)
        path.write_bytes(content[:-44])
        assert "promises 1000 samples and holds 989" in str(both_ways(path))


# --- what was written -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.flac", "a.ogg"])
@pytest.mark.parametrize("lost", [1, 40, 4000])
def test_a_short_write_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lost: int
) -> None:
    """Between the end of the writing and the reading back the end of the file goes missing."""
    counted = audio_writing._samples_in

    def cut(path: Path, subtype: str) -> int:
        path.write_bytes(path.read_bytes()[:-lost])
        return counted(path, subtype)

    monkeypatch.setattr(audio_writing, "_samples_in", cut)
    with pytest.raises(AudioFileError, match=rf"{name} could not be written whole"):
        write_audio(tmp_path / name, sound(1.0, channels=2), RATE)
    assert list(tmp_path.iterdir()) == []


def test_formats_of_which_the_samples_are_counted_are_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio_writing, "audio_blocks", lambda _: pytest.fail("decoded"))
    for name in ("a.wav", "a.aiff"):
        assert soundfile.info(write_audio(tmp_path / name, sound(), RATE).path).frames == len(sound())
