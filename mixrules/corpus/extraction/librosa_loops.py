"""librosa's compiled loops: kept on the disk by one process at a time.

numba has no lock on the files that it keeps. Where several processes compile the same loops at once, as workers do after
an installation, it may leave files that crash whoever loads them later.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import numpy as np

from mixrules._support.file_locks import hold, let_go, locks

_RATE = 22_050


@cache
def compile_in_turn() -> None:
    """Let librosa compile or load what descriptors need, while no other process does; once a process."""
    import librosa

    from mixrules.corpus.extraction.descriptors import beats_of, descriptors_of
    from mixrules.corpus.extraction.snippets import Snippets
    from mixrules.corpus.extraction.spectral import describe_frames

    clicks = np.zeros((4 * _RATE, 1), np.float32)
    clicks[:: _RATE // 2] = 1.0
    with _alone(os.path.dirname(librosa.__file__)):
        frames = describe_frames(clicks, _RATE)
        snippets = Snippets(len(clicks), len(clicks), len(clicks))
        descriptors_of(frames, snippets)
        beats_of(frames, snippets)


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Hold a lock on a folder; where there is none to be had, nothing is locked."""
    if locks is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    hold(descriptor)
    try:
        with suppress(OSError):
            locks.flock(descriptor, locks.LOCK_EX)
        yield
    finally:
        let_go(descriptor)
