"""What a WAV file holds beside its samples, carried over to another: ``bext``, iXML, markers, texts, the channel mask.

libsndfile writes none of it but texts. The chunks stand before the samples, where Broadcast Wave readers look first.

References
----------
.. [1] EBU Tech 3285, Specification of the Broadcast Wave Format, version 2, 2011: ``bext`` and its loudness values.
.. [2] Microsoft, WAVEFORMATEXTENSIBLE, `dwChannelMask`.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files.audio.chunks import move_bytes, riff_chunks

# What belongs to the samples or to the file as it was: the writer makes its own.
_NOT_CARRIED = frozenset(
    name.ljust(4) for name in b"RIFF fmt data fact PEAK MD5 ds64 levl JUNK junk FLLR PAD slnt wavl".split()
)
_MOST_BYTES = 64 << 20
_VERSION_AT, _LOUDNESS_AT, _LOUDNESS_VALUES = 346, 412, 5
_UNKNOWN_LOUDNESS = 0x7FFF
_EXTENSIBLE = 0xFFFE
_RIFF_MOST_BYTES = 0xFFFFFFFF


def carried_chunks(path: Path) -> list[tuple[bytes, bytes]]:
    """Return the name and the content of each chunk of a WAV file that is not about its samples; none of another file.

    Raises
    ------
    AudioFileError
        If they take more than 64 MiB.
    """
    carried = []
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
            return []
        size = file.seek(0, os.SEEK_END)
        total = 0
        for chunk in riff_chunks(file, 0, size):
            if chunk.name in _NOT_CARRIED or chunk.start + chunk.size > size:
                continue
            total += chunk.size
            if total > _MOST_BYTES:
                raise AudioFileError(
                    f"{path} holds more than {_MOST_BYTES >> 20} MiB beside its samples, which is not carried over"
                )
            file.seek(chunk.start)
            carried.append((chunk.name, file.read(chunk.size)))
    return carried


def insert_chunks(path: Path, chunks: Sequence[tuple[bytes, bytes]]) -> None:
    """Put chunks before the samples of a WAV or RF64 file.

    Raises
    ------
    AudioFileError
        If the file is no WAV or RF64 file, or becomes too large for one.
    """
    if not chunks:
        return
    with open(path, "rb+") as file:
        is_rf64 = file.read(4) == b"RF64"
        content = b"".join(_chunk(name, body, even=is_rf64) for name, body in chunks)
        size = file.seek(0, os.SEEK_END)
        data = next((chunk for chunk in riff_chunks(file, 0, size) if chunk.name == b"data"), None)
        if data is None:
            raise AudioFileError(f"{path} has no chunk of samples: a WAV file is needed")
        if not is_rf64 and size + len(content) > _RIFF_MOST_BYTES:
            raise AudioFileError(f"{path} exceeds the 4 GiB of WAV with what it holds beside its samples")
        move_bytes(file, data.header, size, len(content))
        file.seek(data.header)
        file.write(content)
        # RF64 counts in 64 bits, in the ds64 chunk, which is the first.
        at, form = (20, "<Q") if is_rf64 else (4, "<I")
        file.seek(at)
        file.write(struct.pack(form, size + len(content) - 8))


def _chunk(name: bytes, body: bytes, *, even: bool) -> bytes:
    """Return a chunk; with `even` the byte that pads it counts, as libsndfile does not skip it in RF64 files."""
    pad = bytes(len(body) % 2)
    return name + struct.pack("<I", len(body) + (len(pad) if even else 0)) + body + pad


def set_channel_mask(path: Path, mask: int) -> None:
    """Write a channel mask into the header of a WAV or RF64 file, where it has a place for one."""
    with open(path, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        for chunk in riff_chunks(file, 0, size):
            if chunk.name != b"fmt ":
                continue
            file.seek(chunk.start)
            if chunk.size >= 24 and struct.unpack("<H", file.read(2))[0] == _EXTENSIBLE:
                file.seek(chunk.start + 20)
                file.write(struct.pack("<I", mask))
            return


def set_bext_loudness(path: Path, values: Sequence[float]) -> None:
    """Write loudness into the ``bext`` chunk of a WAV file, where it has a place for it (version 2).

    Parameters
    ----------
    path : Path
        The file.
    values : sequence of float
        Integrated loudness in LUFS, loudness range in LU, true peak in dBTP, maximum momentary and maximum short-term
        loudness in LUFS; what is not finite is written as unknown.
    """
    with open(path, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        for chunk in riff_chunks(file, 0, size):
            if chunk.name != b"bext" or chunk.size < _LOUDNESS_AT + 2 * _LOUDNESS_VALUES:
                continue
            file.seek(chunk.start + _VERSION_AT)
            if struct.unpack("<H", file.read(2))[0] >= 2:
                file.seek(chunk.start + _LOUDNESS_AT)
                file.write(struct.pack(f"<{_LOUDNESS_VALUES}h", *map(_hundredths, values)))
            return


def _hundredths(value: float) -> int:
    known = math.isfinite(value) and abs(value) < 99.99
    return round(value * 100.0) if known else _UNKNOWN_LOUDNESS
