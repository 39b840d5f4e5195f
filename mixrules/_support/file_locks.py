"""Locks between processes (flock), where the system has them: each ends with the process that took it."""

from __future__ import annotations

import os
from contextlib import suppress
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


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
