"""One run at a time in a folder of results: a lock that ends with its process, however that ends.

The file that is locked says which run has the folder, so that a worker elsewhere sees whether its run goes on.
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mixrules._support.file_locks import hold, let_go, locks
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.errors import ParameterError
from mixrules.files import cannot_write

NAME = ".mixrules-run.lock"
_BUSY = (errno.EWOULDBLOCK, errno.EACCES)
_LOOK_AGAIN_S = (0.5, 2.0)  # other machines may see for a moment what was there before


@contextmanager
def only_run_in(folder: Path) -> Iterator[str]:
    """Hold a folder for one run, and yield its identity.

    Fails with `ParameterError`, which names the other run, where one has it. Where a file system has no locks, the run
    that comes last has it.
    """
    path, run = folder / NAME, secrets.token_hex(8)
    try:
        descriptor = _acquired(folder, path, run)
    except OSError as error:
        raise cannot_write(path, error) from error
    hold(descriptor)
    try:
        yield run
    finally:
        with suppress(OSError):
            if _run_of(path) in (run, ""):
                path.unlink()
        let_go(descriptor)


def require_held(folder: Path, run: str) -> None:
    """Raise `RunEndingError` unless a run has a folder, as this machine sees it."""
    for pause_s in (0.0, *_LOOK_AGAIN_S):
        time.sleep(pause_s)
        if _run_of(folder / NAME) == run:
            return
        with suppress(OSError):
            os.listdir(folder)  # a network file system looks again itself
    host = socket.gethostname()
    if not folder.is_dir():
        raise RunEndingError(
            f"{folder} is not there on this machine ({host}): a folder that all machines share is needed"
        )
    raise RunEndingError(
        f"{folder} on this machine ({host}) is not held by this run: it has ended, or the machines do not share the "
        "folder"
    )


def _run_of(path: Path) -> str:
    """Return the identity of the run that a lock's file names; nothing where it names none."""
    with suppress(OSError, msgspec.MsgspecError, TypeError, KeyError):
        return str(msgspec.json.decode(path.read_bytes())["run"])
    return ""


def _acquired(folder: Path, path: Path, run: str) -> int:
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
                os.write(descriptor, _about_this_run(run))
                with suppress(OSError):
                    os.fsync(descriptor)  # so that other machines see it
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


def _about_this_run(run: str) -> bytes:
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return msgspec.json.encode(
        {"run": run, "process": os.getpid(), "host": socket.gethostname(), "since": since}
    )


def _who(descriptor: int) -> str:
    """Return what the other run says of itself, if it does."""
    with suppress(OSError, msgspec.MsgspecError, TypeError, KeyError):
        said = msgspec.json.decode(os.read(descriptor, 4096))
        return f" (process {said['process']} on {said['host']}, since {said['since']})"
    return ""
