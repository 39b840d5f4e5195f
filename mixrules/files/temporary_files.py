"""Temporary files and folders: locked while their program lives, removed by the next one if not.

A killed program cannot tidy up. The lock of a file ends with its program, so whoever writes into the same
folder later sees which of them belong to no one. Two programs side by side leave each other's alone.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mixrules._support.file_locks import locks

_NAME = re.compile(r"\..{0,40}\.mixrules-[0-9a-f]{8}\.tmp(\.\w+)?", re.DOTALL)
_MANY = 1000  # entries of a folder that are too many to list at every write
_ABANDONED_AFTER_S = 86_400.0  # only where there are no locks: longer than any song takes to write

_large: set[Path] = set()  # folders of so many entries, tidied up by this process


@dataclass(frozen=True, slots=True)
class Temporary:
    """A temporary file or folder of this program's own.

    Attributes
    ----------
    path : Path
        Where it is: hidden, beside its target.
    """

    path: Path
    _lock: int | None = None

    def release(self) -> None:
        """Give up the lock, once the path is renamed or removed."""
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)

    def remove(self) -> None:
        """Remove what is still there, and give up the lock."""
        _delete(self.path)
        self.release()


def temporary_file(target: Path) -> Temporary:
    """Create an empty hidden file beside `target`, of its extension; fails with OSError."""
    _tidy_up(target.parent)
    while True:
        path = target.parent / _name(target.stem, target.suffix)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        made = _locked(path, descriptor)
        if made is not None:
            return made


def temporary_folder(target: Path, *, mode: int = 0o777) -> Temporary:
    """Create an empty hidden folder beside `target`; fails with OSError."""
    _tidy_up(target.parent)
    while True:
        path = target.parent / _name(target.name, "")
        path.mkdir(mode)
        if locks is None:
            return Temporary(path)
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # another program took it for abandoned
            continue
        made = _locked(path, descriptor)
        if made is not None:
            return made


def private_folder(name: str) -> Temporary:
    """Create an empty hidden folder of this user's alone among the system's temporary files; fails with OSError."""
    return temporary_folder(Path(tempfile.gettempdir()) / name, mode=0o700)


def remove_abandoned(folder: Path) -> int:
    """Remove the temporary files and folders in a folder whose program has ended; others stay.

    Returns
    -------
    int
        How many entries the folder has.
    """
    names: list[str] = []
    with suppress(OSError):
        names = os.listdir(folder)
    for name in filter(_NAME.fullmatch, names):
        with suppress(OSError):
            _remove_if_abandoned(folder / name)
    return len(names)


def _tidy_up(folder: Path) -> None:
    """Remove what is abandoned in a folder; in a large one only the first time that this process writes there."""
    if folder not in _large and remove_abandoned(folder) > _MANY:
        _large.add(folder)


def _name(stem: str, suffix: str) -> str:
    return f".{stem[:40]}.mixrules-{secrets.token_hex(4)}.tmp{suffix}"


def _locked(path: Path, descriptor: int) -> Temporary | None:
    """Return a file that was just created with its lock; None if another program took it for abandoned meanwhile."""
    if locks is None:
        os.close(descriptor)
        return Temporary(path)
    with suppress(OSError):  # a file system without locks: its age will tell
        locks.flock(descriptor, locks.LOCK_EX)
    try:
        same = os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        same = False
    if not same:
        os.close(descriptor)
        return None
    return Temporary(path, descriptor)


def _remove_if_abandoned(path: Path) -> None:
    status = path.lstat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return
    old = time.time() - status.st_mtime > _ABANDONED_AFTER_S
    if locks is None:
        if old:
            _delete(path)
        return
    way = os.O_RDONLY if stat.S_ISDIR(status.st_mode) else os.O_RDWR
    descriptor = os.open(path, way | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        try:
            locks.flock(descriptor, locks.LOCK_EX | locks.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES) or not old:
                return
        if os.path.samestat(os.stat(path), os.fstat(descriptor)):
            _delete(path)
    finally:
        os.close(descriptor)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()
