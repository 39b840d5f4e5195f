"""Pipes as files: what comes through one is kept in a temporary file, so that it can be read like any other."""

from __future__ import annotations

import os
import select
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mixrules.errors import AudioFileError
from mixrules.files.atomic import cannot_read
from mixrules.files.temporary_files import private_folder

MOST_BYTES = 4 << 30
"""How much is taken from a pipe: what a WAV can hold, 3.4 hours of stereo at 44.1 kHz as 32-bit floats."""

_BLOCK_BYTES = 1 << 20
_WAIT_FOR_WRITER_S = 5.0


@contextmanager
def as_regular_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a regular file with the content of `path`: itself, or a temporary one where it is a pipe.

    Parameters
    ----------
    path : path-like
        A file; a pipe such as ``/dev/stdin``, ``/dev/fd/63`` or one that ``mkfifo`` made; or "-", standard input.

    Yields
    ------
    Path
        The file. What is no pipe is passed on as it is, whether it can be read or not.

    Raises
    ------
    AudioFileError
        If `path` is a device or a terminal, if nothing comes through the pipe, or more than can be kept.
    """
    path = Path(path)
    if str(path) == "-":
        with _kept(_standard_input(), "standard input") as kept:
            yield kept
        return
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        yield path  # what opens it says why it cannot
        return
    if not stat.S_ISFIFO(mode):
        require_file(path)
        yield path
        return
    try:
        # Without waiting for a writer: one may never come.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise cannot_read(path, error) from error
    try:
        with _kept(descriptor, str(path)) as kept:
            yield kept
    finally:
        os.close(descriptor)


def require_file(path: Path) -> None:
    """Raise `AudioFileError` if `path` is a pipe or a device, which cannot be read twice."""
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode):
        raise AudioFileError(f"{path} is a pipe, a file is needed: write what comes through it to one")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise AudioFileError(f"{path} is a device, a file is needed")


def _standard_input() -> int:
    try:
        descriptor = sys.stdin.fileno()
        mode = os.fstat(descriptor).st_mode
    except (AttributeError, OSError, ValueError):
        raise AudioFileError("standard input is closed, pipe a file into it") from None
    if stat.S_ISCHR(mode):
        kind = "terminal" if os.isatty(descriptor) else "device"
        raise AudioFileError(f"standard input is a {kind}, pipe a file into it")
    return descriptor


@contextmanager
def _kept(descriptor: int, name: str) -> Iterator[Path]:
    """Yield a temporary file with everything that can be read from a descriptor; errors meanwhile name the pipe."""
    try:
        folder = private_folder("pipe")
    except OSError as error:
        raise AudioFileError(
            f"{name} is a pipe, and there is no folder to keep what comes through it"
        ) from error
    kept = folder.path / Path(name).name
    try:
        with open(kept, "wb") as file:
            _copy(descriptor, file, name)
        yield kept
    except AudioFileError as error:
        raise AudioFileError(str(error).replace(str(kept), name)) from error
    finally:
        folder.remove()


def _copy(descriptor: int, file: IO[bytes], name: str) -> None:
    copied, started = 0, time.monotonic()
    while True:
        try:
            block = os.read(descriptor, _BLOCK_BYTES)
        except BlockingIOError:  # a writer is there and has nothing yet
            select.select([descriptor], [], [])
            continue
        except OSError as error:
            raise cannot_read(Path(name), error) from error
        if not block:
            if copied:
                return
            if time.monotonic() - started > _WAIT_FOR_WRITER_S or not _named(name):
                raise AudioFileError(f"{name} is a pipe through which nothing came, audio is needed")
            time.sleep(0.05)  # a named pipe whose writer has not come yet
            continue
        copied += len(block)
        if copied > MOST_BYTES:
            raise AudioFileError(
                f"{name} is a pipe that brings more than {MOST_BYTES} bytes, write it to a file"
            )
        try:
            file.write(block)
        except OSError as error:
            raise AudioFileError(
                f"{name} is a pipe, and what came through it cannot be kept in {tempfile.gettempdir()}: "
                f"{(error.strerror or str(error)).lower()}"
            ) from error


def _named(name: str) -> bool:
    return not name.startswith(("/dev/", "/proc/")) and name != "standard input"
