"""Locks between processes (flock), where the system has them: each ends with the process that took it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

locks: Any
try:
    import fcntl
except ImportError:  # Windows
    locks = None
else:
    locks = fcntl

_held: set[int] = set()


def hold(descriptor: int) -> None:
    """Let the lock of an open file end with this process, and not with the last one that is forked from it."""
    _held.add(descriptor)


def is_held(descriptor: int) -> bool:
    """Return whether this process holds the lock of an open file, and was not forked from the one that does."""
    return descriptor in _held


def let_go(descriptor: int) -> None:
    """Close a file whose lock this process holds; do nothing where it does not."""
    if descriptor in _held:
        _held.discard(descriptor)
        with suppress(OSError):
            os.close(descriptor)


def _close_in_child() -> None:
    for descriptor in tuple(_held):
        let_go(descriptor)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock of a file, made where it is missing, alone among all threads and processes; fails with OSError."""
    with open(path, "ab") as file:
        if locks is not None:
            locks.flock(file, locks.LOCK_EX)
        else:
            _wait_on_windows(file.fileno())
        yield  # the lock ends with the open file


def _wait_on_windows(descriptor: int) -> None:
    import errno
    import msvcrt

    module: Any = msvcrt
    while True:
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            module.locking(descriptor, module.LK_LOCK, 1)  # gives up after ten seconds
        except OSError as error:
            if error.errno != errno.EDEADLOCK:
                raise
        else:
            return


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
