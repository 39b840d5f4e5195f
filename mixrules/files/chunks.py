"""The chunks of RIFF, RF64 and AIFF files: their announced length, and the time stamp of libsndfile."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_OPEN_LENGTH = 0xFFFFF000


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Name, byte offset of the content and size of each chunk of a RIFF, RF64 or AIFF file."""
    head = file.read(12)
    order = {b"RIFF": "<", b"RF64": "<", b"FORM": ">"}.get(head[:4])
    while order:
        start = file.tell()
        head = file.read(8)
        if len(head) < 8:
            return
        size = struct.unpack(order + "I", head[4:])[0]
        yield head[:4], start + 8, size
        file.seek(start + 8 + size + size % 2)


def announced_bytes(path: Path) -> int:
    """How many bytes of samples the header of a WAV or AIFF announces; 0 where it does not say."""
    with open(path, "rb") as file:
        for name, start, size in _chunks(file):
            if name == b"ds64":
                file.seek(start)
                return int.from_bytes(file.read(16)[8:], "little")
            # Programs that stream to a pipe leave the length open: 0 or the largest number.
            if name == b"data" and size < _OPEN_LENGTH:
                return size
            if name == b"SSND" and size < _OPEN_LENGTH:
                return max(size - 8, 0)
    return 0


def clear_time_stamp(path: Path) -> None:
    """Zero the date in the PEAK chunk that libsndfile adds to float files: equal audio, equal bytes."""
    with open(path, "rb+") as file:
        for name, start, _ in _chunks(file):
            if name == b"PEAK":
                file.seek(start + 4)
                file.write(bytes(4))
                return
