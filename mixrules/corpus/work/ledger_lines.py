"""Where a ledger's lines are: a file that grows by appending, or whatever else a store can do."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from mixrules.files import cannot_read, cannot_write

_SYNC_S = 1.0


class LedgerLines(Protocol):
    """Lines in the order in which they were appended; one run at a time has them."""

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Yield each whole line, without its end, with its position; a later line has a larger position."""
        ...

    def at(self, position: int) -> bytes:
        """Return the line at a position that `read` or `append` gave."""
        ...

    def append(self, line: bytes) -> int:
        """Add a line and return its position; a killed process does not lose it, a machine that fails may."""
        ...

    def close(self) -> None:
        """Bring every line to where even a machine that fails does not lose it."""
        ...


class LocalLines:
    """The lines of a file. What a killed run left of its last line is cut off before the next one is appended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._readable: BinaryIO | None = None
        self._end = 0
        self._synced_s = time.monotonic()

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Yield each whole line with the number of bytes before it."""
        self._end = 0
        try:
            with open(self._path, "rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        start, self._end = self._end, self._end + len(line)
                        yield start, line[:-1]
        except FileNotFoundError:
            return
        except OSError as error:
            raise cannot_read(self._path, error) from error

    def at(self, position: int) -> bytes:
        """Return the line that begins after so many bytes."""
        try:
            if self._readable is None:
                self._opened()
                self._readable = open(self._path, "rb")  # noqa: SIM115, it stays open for the run
            self._readable.seek(position)
            return self._readable.readline()[:-1]
        except OSError as error:
            raise cannot_read(self._path, error) from error

    def append(self, line: bytes) -> int:
        """Add a line; it is written when this returns, and on the disk a second later at most."""
        try:
            file = self._opened()
            start = file.seek(self._end)
            left = memoryview(line + b"\n")
            try:
                while left:
                    left = left[file.write(left) :]
            except BaseException:
                with suppress(OSError):
                    file.truncate(start)
                raise
            self._end = file.tell()
            if time.monotonic() - self._synced_s > _SYNC_S:
                self._sync(file)
        except OSError as error:
            raise cannot_write(self._path, error) from error
        return start

    def close(self) -> None:
        """Bring the file to the disk and close it."""
        if self._readable is not None:
            self._readable.close()
            self._readable = None
        if self._file is None:
            return
        try:
            with self._file as file:
                self._sync(file)
        except OSError as error:
            raise cannot_write(self._path, error) from error
        finally:
            self._file = None

    def _opened(self) -> BinaryIO:
        """Return the file; what follows its last whole line is cut off."""
        if self._file is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            self._file = open(descriptor, "r+b", buffering=0)  # noqa: SIM115, it stays open for the run
            self._file.truncate(self._end)
        return self._file

    def _sync(self, file: BinaryIO) -> None:
        os.fsync(file.fileno())
        self._synced_s = time.monotonic()
