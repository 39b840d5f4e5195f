"""The pages of an OGG file: whether all are there and whole, and where a chained file's links begin [1]_.

libogg passes over a page that is damaged or missing, and libsndfile reads the first link alone (or for ever).

References
----------
.. [1] RFC 3533, The Ogg Encapsulation Format Version 0, sections 4 and 6.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import IO

from mixrules.files.audio.segments import Segment, cut_short, damaged

_BEGIN, _END = 2, 4
# The checksum runs through the bits of a byte from the other side than zlib's of the same polynomial.
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
# FLAC has the most: frames of 65535 equal samples take 11 bytes.
_MOST_SAMPLES_PER_BYTE = 8192


def ogg_segments(path: Path, file: IO[bytes], start: int) -> tuple[Segment, ...]:
    """Return the links of an OGG file from the byte `start` on, all pages of it checked.

    Raises
    ------
    AudioFileError
        If a page is damaged or missing, or the last is not whole.
    """
    starts: list[int] = []
    position = start
    beginning = False
    following: dict[int, int] = {}  # by the serial number of a stream, the number of its next page
    file.seek(start)
    while head := file.read(27):
        if head[:4] != b"OggS":
            _require_no_page(path, file, position)
            break
        flags, _, serial, number, checksum, lacings = struct.unpack("<BqIIIB", head[5:].ljust(22, b"\0"))
        lacing = file.read(lacings)
        body = file.read(sum(lacing))
        if len(head) < 27 or len(lacing) < lacings or len(body) < sum(lacing):
            raise cut_short(path, "the last of its OGG pages is not whole")
        if _checksum(head[:22] + bytes(4) + head[26:] + lacing + body) != checksum:
            raise damaged(path, f"the OGG page at byte {position} does not match its checksum")
        if flags & _BEGIN:
            if not beginning:
                starts.append(position)
                following.clear()
        elif number != following.get(serial, number):
            missing = number - following[serial]
            raise damaged(path, f"OGG pages are missing before byte {position} (a gap of {missing})")
        beginning = bool(flags & _BEGIN)
        following[serial] = number + 1
        position += 27 + lacings + len(body)
    if len(starts) < 2:
        whole = start == 0 and position == file.seek(0, 2)
        parts = () if whole else ((start, position),)
        return (Segment(parts, most_samples=(position - start) * _MOST_SAMPLES_PER_BYTE),)
    return tuple(
        Segment(((first, last),), most_samples=(last - first) * _MOST_SAMPLES_PER_BYTE)
        for first, last in zip(starts, [*starts[1:], position], strict=True)
    )


def _require_no_page(path: Path, file: IO[bytes], position: int) -> None:
    """Raise `AudioFileError` if pages follow: what lies at `position` was one as well."""
    file.seek(position)
    before = b""
    while block := file.read(1 << 20):
        if b"OggS" in before + block:
            raise damaged(path, f"at byte {position} there is no OGG page")
        before = block[-3:]


def _checksum(page: bytes) -> int:
    crc = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(_REVERSED), "big")
