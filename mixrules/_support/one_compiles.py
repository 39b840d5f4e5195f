"""Processes that need the same kernel at once: one compiles it, the others wait and load what it keeps.

numba has no lock. Processes that start together on an empty cache would all compile the same, and where two of them keep
different variants of a kernel, the index of its files may name the machine code of the other one.
"""

from __future__ import annotations

import os
from typing import Any

from mixrules._support.file_locks import hold, is_held, let_go, locks

_NONE = -1
_folders: dict[str, int] = {}  # those that were locked here, each with its descriptor


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
        if self._folder or is_held(_folders.get(folder, _NONE)):
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
        hold(descriptor)
        self._folder, _folders[folder] = folder, descriptor
        return True

    def release(self) -> None:
        """Give the folder back, if this kernel has it."""
        folder, self._folder = self._folder, ""
        # Another thread may have compiled the same kernel, and given it back already.
        let_go(_folders.pop(folder, _NONE))
