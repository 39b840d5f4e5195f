"""Processes that need the same kernel at once: one compiles it, the others wait and load what it keeps.

numba has no lock. Processes that start together on an empty cache would all compile the same, and where two of them keep
different variants of a kernel, the index of its files may name the machine code of the other one.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

_folders: dict[str, int] = {}  # those that this process has, each with its descriptor

locks: Any
try:
    import fcntl
except ImportError:  # Windows
    locks = None
else:
    locks = fcntl


def let_one_compile(compiled: Any) -> None:
    """Let one process at a time compile and keep the kernels of a folder."""
    cache: Any = getattr(compiled, "_cache", None)
    load, compilation = getattr(cache, "load_overload", None), getattr(compiled, "compile", None)
    if locks is None or load is None or compilation is None:
        return
    lock = _FolderLock()

    def load_or_lock(*arguments: Any) -> Any:
        found = load(*arguments)
        if found is None and lock.acquire(cache):
            found = load(*arguments)  # another process may have kept it meanwhile
        return found

    def compile_and_unlock(*arguments: Any) -> Any:
        try:
            return compilation(*arguments)
        finally:
            lock.release()

    cache.load_overload = load_or_lock
    compiled.compile = compile_and_unlock


class _FolderLock:
    """A lock on the folder of a kernel's machine code; where there is none to be had, nothing is locked."""

    def __init__(self) -> None:
        self._folder = ""

    def acquire(self, cache: Any) -> bool:
        """Wait for the folder; return whether it was locked now."""
        folder = str(cache.cache_path)
        # A kernel may compile another one meanwhile.
        if self._folder or folder in _folders:
            return False
        try:
            os.makedirs(folder, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY)
        except OSError:
            return False
        try:
            locks.flock(descriptor, locks.LOCK_EX)
        except OSError:
            os.close(descriptor)
            return False
        self._folder, _folders[folder] = folder, descriptor
        return True

    def release(self) -> None:
        """Give the folder back, if this kernel has it."""
        folder, self._folder = self._folder, ""
        # Another thread may have compiled the same kernel, and given it back already.
        descriptor = _folders.pop(folder, None)
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def _close_in_child() -> None:
    """Let a lock end with the process that compiles, not with one that is forked from it meanwhile."""
    while _folders:
        with suppress(OSError):
            os.close(_folders.popitem()[1])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
