"""The chunks of RIFF, RF64, W64, AIFF and CAF files, the ID3v2 tag before any of them, and libsndfile's time stamp."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

_MOVED_AT_ONCE = 1 << 20
_MOST_CHUNKS = 1 << 16  # one file may be gigabytes of empty ones


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its name, where its header begins, where its content begins, and the size of that.

    Its size is padded to a multiple of `align` bytes.
    """

    name: bytes
    header: int
    start: int
    size: int
    align: int = 2

    @property
    def stop(self) -> int:
        """Where the next chunk begins."""
        return self.start + self.size + -self.size % self.align


def chunks(file: IO[bytes], start: int, stop: int, order: str) -> Iterator[Chunk]:
    """Yield the chunks of RIFF and AIFF from the byte `start` on, as long as their names are of printable characters."""
    for chunk in _chunks(file, start, stop, f"{order}4sI"):
        if not all(32 <= byte < 127 for byte in chunk.name):
            return
        yield chunk


def riff_chunks(file: IO[bytes], start: int, stop: int) -> Iterator[Chunk]:
    """Yield the chunks of the RIFF, RIFX, RF64 or BW64 file that begins at `start`, the samples in their full size."""
    file.seek(start)
    magic = file.read(4)
    samples = 0
    at = start + 12
    for _ in range(_MOST_CHUNKS):
        chunk = next(chunks(file, at, stop, ">" if magic == b"RIFX" else "<"), None)
        if chunk is None:
            return
        if chunk.name == b"ds64":
            file.seek(chunk.start + 8)
            samples = int.from_bytes(file.read(8), "little")
        elif chunk.name == b"data" and magic in (b"RF64", b"BW64") and chunk.size == 0xFFFFFFFF and samples:
            chunk = replace(chunk, size=samples)
        yield chunk
        at = chunk.stop


def caf_chunks(file: IO[bytes], start: int, stop: int) -> Iterator[Chunk]:
    """Yield the chunks of CAF from the byte `start` on; one whose length is open (-1) is the last."""
    for chunk in _chunks(file, start, stop, ">4sq", align=1):
        yield chunk
        if chunk.size < 0:
            return


def w64_chunks(file: IO[bytes], start: int, stop: int) -> Iterator[Chunk]:
    """Yield the chunks of W64 from the byte `start` on; their lengths count their headers."""
    return _chunks(file, start, stop, "<16sQ", align=8, counts_header=True)


def _chunks(
    file: IO[bytes], start: int, stop: int, form: str, *, align: int = 2, counts_header: bool = False
) -> Iterator[Chunk]:
    """Yield chunks whose headers are of the form `form`, a name and a length, as `struct` has it."""
    header = struct.calcsize(form)
    for _ in range(_MOST_CHUNKS):
        if start + header > stop:
            return
        file.seek(start)
        name, size = struct.unpack(form, file.read(header))
        if counts_header:
            size -= header
            if size < 0:
                return
        chunk = Chunk(name, start, start + header, size, align)
        yield chunk
        start = chunk.stop


def id3_bytes(head: bytes) -> int:
    """Return how many bytes the ID3v2 tag takes that begins with `head`, 0 if it is none."""
    if head[:3] != b"ID3" or len(head) < 10 or max(head[6:10]) > 127:
        return 0
    size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    return size + (20 if head[5] & 0x10 else 10)


def behind_id3(file: IO[bytes]) -> int:
    """Return where a file begins behind the ID3v2 tags that some programs set before any format."""
    start = 0
    file.seek(start)
    while skipped := id3_bytes(file.read(10)):
        start += skipped
        file.seek(start)
    return start


def move_bytes(file: IO[bytes], start: int, stop: int, by: int) -> None:
    """Move what a file holds from `start` to `stop`, towards its end or its beginning, and cut it behind."""
    firsts = range(start, stop, _MOVED_AT_ONCE)
    for first in reversed(firsts) if by > 0 else firsts:
        file.seek(first)
        part = file.read(min(_MOVED_AT_ONCE, stop - first))
        file.seek(first + by)
        file.write(part)
    if by < 0:
        file.truncate(stop + by)


def clear_time_stamp(path: Path) -> None:
    """Zero the date in the PEAK chunk that libsndfile adds to float files: equal audio, equal bytes."""
    with open(path, "rb+") as file:
        size = file.seek(0, 2)
        file.seek(0)
        order = ">" if file.read(4) == b"FORM" else "<"
        for chunk in chunks(file, 12, size, order):
            if chunk.name == b"PEAK":
                file.seek(chunk.start + 4)
                file.write(bytes(4))
                return
