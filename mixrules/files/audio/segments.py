"""Segments of a file: what is decoded on its own, after its bytes were accounted for.

Most files are one segment as they are. Files that were joined hold several, and of some the header is replaced
because it does not know the length; those are given to the decoder as a `SplicedFile`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import AudioFileError

Part = bytes | tuple[int, int]
"""Bytes, or (start, stop) in the file."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What is decoded on its own.

    Attributes
    ----------
    parts : tuple of Part
        What its bytes are; none where they are the whole file.
    announced, held : int or None
        How many bytes of samples its header announces, and the file holds; None where the header does not say.
    limit : int or None
        After how many samples decoding stops.
    begins_at : int
        How many of the samples that its header counts come before the first one.
    bits_of_32 : int
        How many of 32 bits its samples have, negative where they are the lower ones; 0 where libsndfile knows.
    most_samples : int or None
        More than so many samples cannot be in it, whatever its header says.
    """

    parts: tuple[Part, ...] = ()
    announced: int | None = None
    held: int | None = None
    limit: int | None = None
    begins_at: int = 0
    bits_of_32: int = 0
    most_samples: int | None = None


class SplicedFile:
    """A read-only file made of parts of another file and of bytes, as libsndfile needs one."""

    def __init__(self, path: Path, parts: Sequence[Part]) -> None:
        self._file = open(path, "rb")  # noqa: SIM115, closed by `close`
        self._parts = [(p, len(p)) if isinstance(p, bytes) else (p[0], p[1] - p[0]) for p in parts]
        self._size = sum(size for _, size in self._parts)
        self._position = 0

    def close(self) -> None:
        """Close the underlying file."""
        self._file.close()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        stop = self._size if size < 0 else min(self._size, self._position + size)
        found = []
        start = 0
        for source, length in self._parts:
            first, last = max(self._position, start), min(stop, start + length)
            if first < last:
                if isinstance(source, bytes):
                    found.append(source[first - start : last - start])
                else:
                    self._file.seek(source + first - start)
                    found.append(self._file.read(last - first))
            start += length
        out = b"".join(found)
        self._position += len(out)
        return out


def cut_short(path: Path, what: str) -> AudioFileError:
    """Return the error for a file of which the end is missing; `what` says what shows it."""
    return AudioFileError(f"{path} is cut short: {what}; export or copy it again")


def damaged(path: Path, what: str) -> AudioFileError:
    """Return the error for a file that is not what its format demands."""
    return AudioFileError(f"{path} is damaged: {what}; export or copy it again")
