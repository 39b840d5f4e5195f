"""One run at a time in a folder of results: a lock that ends with its process, however that ends."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mixrules.errors import ParameterError
from mixrules.files import cannot_write
from mixrules.files.temporary_files import locks

NAME = ".mixrules-run.lock"
_BUSY = (errno.EWOULDBLOCK, errno.EACCES)

_held: set[int] = set()


@contextmanager
def only_run_in(folder: Path) -> Iterator[None]:
    """Hold a folder for one run; fails with `ParameterError`, which names the other run, where one has it.

    Where a file system has no locks, nothing is held.
    """
    path = folder / NAME
    try:
        descriptor = _acquired(folder, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    _held.add(descriptor)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        _held.discard(descriptor)
        os.close(descriptor)


def _acquired(folder: Path, path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if locks is not None:
                try:
                    locks.flock(descriptor, locks.LOCK_EX | locks.LOCK_NB)
                except OSError as error:
                    if error.errno in _BUSY:
                        raise ParameterError(
                            f"{folder} is in use by another run{_who(descriptor)}: wait for its end or name "
                            "another folder"
                        ) from error
            if _is_still(path, descriptor):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, _about_this_run())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the other run ended meanwhile, and removed its file


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _about_this_run() -> bytes:
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return msgspec.json.encode({"process": os.getpid(), "host": socket.gethostname(), "since": since})


def _who(descriptor: int) -> str:
    """Return what the other run says of itself, if it does."""
    with suppress(OSError, msgspec.MsgspecError, TypeError, KeyError):
        said = msgspec.json.decode(os.read(descriptor, 4096))
        return f" (process {said['process']} on {said['host']}, since {said['since']})"
    return ""


def _close_in_child() -> None:
    """Let a lock end with the run itself, not with the last worker that was forked from it."""
    while _held:
        with suppress(OSError):
            os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
