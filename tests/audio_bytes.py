"""Files of audio as bytes, to be cut, joined and patched; and both ways of reading them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import soundfile

from mixrules.errors import AudioFileError
from mixrules.files import audio_blocks, audio_header, check_audio, read_audio

RATE = 44_100
Outcome = tuple[int, ...] | str


def sound(seconds: float = 0.4, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Return noise, which no codec makes small."""
    return np.random.default_rng(seed).normal(0.0, 0.1, (round(seconds * RATE), channels))


def encoded(audio: np.ndarray, kind: str, subtype: str | None = None, rate: int = RATE) -> bytes:
    """Return the bytes of a file of a format of libsndfile's."""
    buffer = io.BytesIO()
    soundfile.write(buffer, audio, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def without_xing(mp3: bytes) -> bytes:
    """Return an MP3 without its first frame, which tells the length."""
    at = max(mp3.find(b"Xing"), mp3.find(b"Info"))
    start = mp3.rindex(b"\xff", 0, at)
    return mp3[mp3.index(mp3[start : start + 2], at) :]


def wav_with_length(wav: bytes, riff: int, data: int) -> bytes:
    """Return a WAV with other sizes in its header."""
    at = wav.index(b"data") + 4
    return wav[:4] + struct.pack("<I", riff) + wav[8:at] + struct.pack("<I", data) + wav[at + 4 :]


def ogg_pages(ogg: bytes) -> list[bytes]:
    """Return the pages of an OGG file."""
    pages = []
    while ogg:
        size = 27 + ogg[26] + sum(ogg[27 : 27 + ogg[26]])
        pages.append(ogg[:size])
        ogg = ogg[size:]
    return pages


def renumbered(pages: list[bytes]) -> bytes:
    """Return pages as a file, their numbers in order and their checksums right."""
    out = []
    for number, page in enumerate(pages):
        page = page[:18] + struct.pack("<I", number) + bytes(4) + page[26:]
        out.append(page[:22] + struct.pack("<I", slow_checksum(page)) + page[26:])
    return b"".join(out)


def slow_checksum(page: bytes) -> int:
    """Return the checksum of a page bit by bit, as RFC 3533 states it."""
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x04C11DB7 if register & 0x80000000 else 0)
        register &= 0xFFFFFFFF
    return register


def both_ways(path: Path) -> Outcome:
    """Read a file held and streamed, which must agree; return its shape and a checksum, or the message."""
    held, streamed, checked = _held(path), _streamed(path), _checked(path)
    assert held == streamed
    assert checked == (held if isinstance(held, str) else held[:2])
    return held


def _held(path: Path) -> Outcome:
    try:
        audio = read_audio(path).audio
    except AudioFileError as error:
        return _one_line(error)
    return (*audio.shape, zlib.crc32(audio.tobytes()))


def _streamed(path: Path) -> Outcome:
    try:
        audio_header(path)
        audio = np.concatenate(list(audio_blocks(path)))
    except AudioFileError as error:
        return _one_line(error)
    return (*audio.shape, zlib.crc32(audio.tobytes()))


def _checked(path: Path) -> Outcome:
    try:
        header = check_audio(path).header
    except AudioFileError as error:
        return _one_line(error)
    return header.samples, header.channels


def _one_line(error: AudioFileError) -> str:
    text = str(error)
    assert "\n" not in text
    return text
