"""Audio files whose headers say where the channels belong, made byte by byte."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

RATE = 48_000
Samples = npt.NDArray[np.float64]
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_AMBISONIC_TAIL = bytes.fromhex("000021 07d3118644c8c1ca000000".replace(" ", ""))
_W64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")


def _pcm(audio: Samples, order: str) -> bytes:
    return np.round(audio * 32767).astype(f"{order}i2").tobytes()


def _format(channels: int, mask: int, tail: bytes, order: str = "<") -> bytes:
    return (
        struct.pack(
            f"{order}HHIIHHHHIH",
            0xFFFE,
            channels,
            RATE,
            RATE * 2 * channels,
            2 * channels,
            16,
            22,
            16,
            mask,
            1,
        )
        + tail
    )


def _chunk(name: bytes, content: bytes, order: str = "<") -> bytes:
    return name + struct.pack(f"{order}I", len(content)) + content + b"\0" * (len(content) % 2)


def wav(audio: Samples, mask: int, *, ambisonic: bool = False, before: bytes = b"") -> bytes:
    """WAVE_FORMAT_EXTENSIBLE with a channel mask; `before` comes ahead of the format chunk."""
    tail = _AMBISONIC_TAIL if ambisonic else _GUID_TAIL
    body = b"WAVE" + before + _chunk(b"fmt ", _format(audio.shape[1], mask, tail))
    body += _chunk(b"data", _pcm(audio, "<"))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def rf64(audio: Samples, mask: int) -> bytes:
    data = _pcm(audio, "<")
    ds64 = struct.pack("<QQQI", 0, len(data), len(audio), 0)
    body = b"WAVE" + _chunk(b"ds64", ds64) + _chunk(b"fmt ", _format(audio.shape[1], mask, _GUID_TAIL))
    return b"RF64" + struct.pack("<I", 0xFFFFFFFF) + body + b"data" + struct.pack("<I", 0xFFFFFFFF) + data


def w64(audio: Samples, mask: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        padding = b"\0" * (-len(content) % 8)
        return name + _W64_TAIL + struct.pack("<Q", 24 + len(content)) + content + padding

    body = b"wave" + _W64_TAIL + chunk(b"fmt ", _format(audio.shape[1], mask, _GUID_TAIL))
    body += chunk(b"data", _pcm(audio, "<"))
    return b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000") + struct.pack("<Q", 24 + len(body)) + body


def core_audio_layout(tag: int = 0, mask: int = 0, labels: tuple[int, ...] = ()) -> bytes:
    """What CAF's `chan` and AIFF-C's `CHAN` hold."""
    described = b"".join(struct.pack(">II3f", label, 0, 0, 0, 0) for label in labels)
    return struct.pack(">III", tag, mask, len(labels)) + described


def caf(audio: Samples, layout: bytes | None) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack(">q", len(content)) + content

    channels = audio.shape[1]
    description = struct.pack(">d4sIIIII", RATE, b"lpcm", 0, 2 * channels, 1, channels, 16)
    chunks = [(b"desc", description), (b"chan", layout), (b"data", bytes(4) + _pcm(audio, ">"))]
    body = b"".join(chunk(name, content) for name, content in chunks if content is not None)
    return b"caff" + struct.pack(">HH", 1, 0) + body


def aifc(audio: Samples, layout: bytes) -> bytes:
    rate_80_bit = struct.pack(">HQ", 16383 + 15, RATE << 48)
    common = struct.pack(">hIh", audio.shape[1], len(audio), 16) + rate_80_bit + b"NONE" + b"\0\0"
    body = b"AIFC" + _chunk(b"FVER", struct.pack(">I", 0xA2805140), ">") + _chunk(b"COMM", common, ">")
    body += _chunk(b"CHAN", layout, ">") + _chunk(b"SSND", bytes(8) + _pcm(audio, ">"), ">")
    return b"FORM" + struct.pack(">I", len(body)) + body


def with_flac_comment(flac: bytes, comment: str) -> bytes:
    """A FLAC with one more comment block after its STREAMINFO."""
    text = comment.encode()
    content = struct.pack("<I", 0) + struct.pack("<I", 1) + struct.pack("<I", len(text)) + text
    end = 8 + 34
    last = flac[4] & 0x80
    block = bytes([4 | last]) + len(content).to_bytes(3, "big") + content
    return flac[:4] + bytes([flac[4] & 0x7F]) + flac[5:end] + block + flac[end:]


def with_id3(content: bytes, size: int = 300) -> bytes:
    tag = (
        b"ID3\4\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + bytes(size)
    )
    return tag + content
