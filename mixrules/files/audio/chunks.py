"""The chunks of RIFF, RF64 and AIFF files, and the time stamp that libsndfile leaves in one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its name, where its header begins, where its content begins, and the size of that."""

    name: bytes
    header: int
    start: int
    size: int

    @property
    def stop(self) -> int:
        """Where the next chunk begins: sizes are padded to even numbers."""
        return self.start + self.size + self.size % 2


def chunks(file: IO[bytes], start: int, stop: int, order: str) -> Iterator[Chunk]:
    """Yield the chunks from the byte `start` on, as long as their names are of printable characters."""
    while start + 8 <= stop:
        file.seek(start)
        name, size = struct.unpack(order + "4sI", file.read(8))
        if not all(32 <= byte < 127 for byte in name):
            return
        chunk = Chunk(name, start, start + 8, size)
        yield chunk
        start = chunk.stop


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
