"""The size that a container of libav's promises: MP4, Matroska, ASF and AVI. libav reads a cut one as far as it goes.

References
----------
.. [1] ISO/IEC 14496-12, 6.2.3: the order of boxes, and which of them are at the level of the file.
.. [2] Apple, QuickTime File Format Specification: wide, skip, pnot and PICT.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from mixrules.files.audio.segments import cut_short

_EBML, _SEGMENT = bytes.fromhex("1a45dfa3"), bytes.fromhex("18538067")
_ASF = bytes.fromhex("3026b2758e66cf11")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
# Boxes that stand beside one another in an MP4 [1]_ [2]_; behind them may be tags of other kinds, which are none.
_TOP_LEVEL = (
    *(b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"free", b"skip", b"wide", b"uuid", b"pdin"),
    *(b"sidx", b"ssix", b"styp", b"prft", b"emsg", b"meta", b"udta", b"pnot", b"PICT"),
)


def require_whole(path: Path) -> None:
    """Raise `AudioFileError` if a container promises more bytes than its file has."""
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(1 << 13)
        promised = 0
        if head[4:8] == b"ftyp":
            promised = max((stop for name, _, stop in boxes(file, 0, size) if name in _TOP_LEVEL), default=0)
        elif head[:4] == _EBML:
            promised = _matroska_bytes(head)
        elif head[:8] == _ASF and (at := head.find(_ASF_PROPERTIES)) >= 0:
            promised = int.from_bytes(head[at + 40 : at + 48], "little")
        elif head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            length = int.from_bytes(head[4:8], "little")
            promised = 8 + length if length < 0x7FFF0000 else 0
    if promised > size:
        raise cut_short(path, f"it promises {promised} bytes and has {size}")


def boxes(file: IO[bytes], start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each box of an MP4 between two bytes, and where its content begins and ends."""
    while start + 8 <= stop:
        file.seek(start)
        size, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            size, head = int.from_bytes(file.read(8), "big"), 16
        size = size or stop - start
        if size < head:
            return
        yield name, start + head, start + size
        start += size


def _matroska_bytes(head: bytes) -> int:
    """Return where the segment of a Matroska file ends, 0 where its length is open."""
    start = 0
    for name in (_EBML, _SEGMENT):
        if head[start : start + 4] != name or start + 5 > len(head):
            return 0
        count = 9 - head[start + 4].bit_length()  # bytes of the length: leading zeros, and one more
        field = int.from_bytes(head[start + 4 : start + 4 + count], "big")
        length = field & ((1 << 7 * count) - 1)
        start += 4 + count + length
        if count > 8 or length == (1 << 7 * count) - 1:
            return 0
    return start
