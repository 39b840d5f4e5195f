"""librosa's compiled loops: loaded by all processes at once, compiled and kept on the disk by one at a time.

numba has no lock on the files that it keeps. Where several processes compile the same loops at once, as workers do after
an installation, it may leave files that crash whoever loads them later. Where everything is kept already nobody waits:
loading takes seconds, and a cluster has hundreds of workers that may share one installation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import numpy as np

from mixrules._support.file_locks import hold, let_go, locks

_RATE = 22_050


@cache
def compile_in_turn() -> None:
    """Let librosa load or compile what descriptors need; no process compiles while another does, once a process."""
    import librosa

    from mixrules.corpus.extraction.descriptors import beats_of, descriptors_of
    from mixrules.corpus.extraction.snippets import Snippets
    from mixrules.corpus.extraction.spectral import describe_frames

    clicks = np.zeros((4 * _RATE, 1), np.float32)
    clicks[:: _RATE // 2] = 1.0
    with _one_compiles(os.path.dirname(librosa.__file__)):
        frames = describe_frames(clicks, _RATE)
        snippets = Snippets(len(clicks), len(clicks), len(clicks))
        descriptors_of(frames, snippets)
        beats_of(frames, snippets)


@contextmanager
def _one_compiles(folder: str) -> Iterator[None]:
    """Share a lock on a folder, and have it alone from the first loop on that is not kept.

    Where there is no lock to be had, nothing is locked.
    """
    if locks is None:
        yield
        return
    from numba.core import caching

    kept: Any = caching.Cache
    load = kept.load_overload
    descriptor = os.open(folder, os.O_RDONLY)
    waits = True

    def load_or_wait(loops: Any, *arguments: Any) -> Any:
        nonlocal waits
        found = load(loops, *arguments)
        if found is None and waits:
            waits = False
            with suppress(OSError):
                locks.flock(descriptor, locks.LOCK_EX)
            found = load(loops, *arguments)  # another process may have kept it meanwhile
        return found

    hold(descriptor)
    kept.load_overload = load_or_wait
    try:
        with suppress(OSError):
            locks.flock(descriptor, locks.LOCK_SH)
        yield
    finally:
        waits = False  # loops that were made meanwhile keep the function
        kept.load_overload = load
        let_go(descriptor)
