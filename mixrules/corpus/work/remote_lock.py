"""One run at a time in a store: a file that says who has it and is renewed while it runs.

A store has no locks. Two runs that begin in the same instant may both take themselves for the only one; a file that was
not renewed for a minute belongs to a run that was killed. Neither costs results: outputs appear whole whoever writes
them, and every run has files of its own in the ledger. A run whose file is another's by now takes no results any more.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import msgspec

from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.store import Store
from mixrules.errors import AudioFileError, ParameterError

NAME = ".mixrules-run.json"

_RENEW_S = 20.0
_ABANDONED_S = 60.0
_SETTLE_S = 0.3
_LOOK_AGAIN_S = (0.5, 2.0)  # where a file is replaced by removing it first, it is not there for a moment


class _Holder(msgspec.Struct):
    """Who has a place."""

    run: str
    process: int
    host: str
    since: str
    renewed_s: float


@contextmanager
def only_run_at(store: Store) -> Iterator[str]:
    """Hold a place for one run and yield its identity; fails with `ParameterError`, which names the run that has it."""
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    mine = _Holder(secrets.token_hex(8), os.getpid(), socket.gethostname(), since, time.time())
    _require_free(store, _holder(store))
    _write(store, mine)
    time.sleep(_SETTLE_S)
    _require_free(store, _holder(store), mine.run)
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(store, mine, ended), daemon=True)
    renewing.start()
    try:
        yield mine.run
    finally:
        ended.set()
        renewing.join()
        with suppress(AudioFileError):
            there = _holder(store)
            if there is not None and there.run == mine.run:
                store.remove(NAME)


def require_held(store: Store, run: str) -> None:
    """Raise `RunEndingError` unless a run has a place."""
    holder = None
    for pause_s in (0.0, *_LOOK_AGAIN_S):
        time.sleep(pause_s)
        holder = _holder(store)
        if holder is not None and holder.run == run:
            return
    if holder is None:
        raise RunEndingError(f"{store} is not held by this run any more: it has ended")
    raise RunEndingError(
        f"{store} is in use by another run now (process {holder.process} on {holder.host}, since {holder.since})"
    )


def _require_free(store: Store, holder: _Holder | None, run: str = "") -> None:
    if holder is None or holder.run == run or time.time() - holder.renewed_s > _ABANDONED_S:
        return
    if holder.host == socket.gethostname() and not _lives(holder.process):
        return
    raise ParameterError(
        f"{store} is in use by another run (process {holder.process} on {holder.host}, since {holder.since}): wait "
        f"for its end, or for a minute if it was killed, or name another folder"
    )


def _lives(process: int) -> bool:
    """Return whether there is a process of a number on this machine; True where that cannot be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _holder(store: Store) -> _Holder | None:
    """Return who says to have a place."""
    try:
        return msgspec.json.decode(store.read(NAME), type=_Holder)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _write(store: Store, holder: _Holder) -> None:
    holder.renewed_s = time.time()
    store.put_bytes(msgspec.json.encode(holder), NAME)


def _renew(store: Store, holder: _Holder, ended: threading.Event) -> None:
    """Renew a run's file until it has ended, or another run has the place: then the run cannot put its next result."""
    while not ended.wait(_RENEW_S):
        with suppress(AudioFileError):  # a result that cannot be put ends the run, this need not
            there = _holder(store)
            if there is not None and there.run != holder.run:
                return
            _write(store, holder)
