"""Processes that start together on an empty cache keep librosa's compiled loops one after the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mixrules._support.file_locks import locks
from mixrules.corpus.extraction import librosa_loops
from mixrules.corpus.extraction.descriptors import beats_of, descriptors_of
from mixrules.corpus.extraction.snippets import Snippets
from mixrules.corpus.extraction.spectral import describe_frames


@pytest.fixture
def folder() -> Iterator[int]:
    """librosa's folder, open for locks as another process would have it."""
    if locks is None:
        pytest.skip("Windows has no locks of this kind")
    import librosa

    descriptor = os.open(os.path.dirname(librosa.__file__), os.O_RDONLY)
    librosa_loops.compile_in_turn.cache_clear()
    yield descriptor
    os.close(descriptor)


def is_free(descriptor: int, kind: int) -> bool:
    """Return whether another process may have a lock of this kind now."""
    try:
        locks.flock(descriptor, kind | locks.LOCK_NB)
    except BlockingIOError:
        return False
    locks.flock(descriptor, locks.LOCK_UN)
    return True


def test_processes_load_side_by_side_but_none_compiles_meanwhile(
    folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[bool, bool]] = []

    def describe(*_: object) -> object:
        tried.append((is_free(folder, locks.LOCK_SH), is_free(folder, locks.LOCK_EX)))
        raise KeyboardInterrupt  # it is given up then, too

    monkeypatch.setattr("mixrules.corpus.extraction.spectral.describe_frames", describe)
    with pytest.raises(KeyboardInterrupt):
        librosa_loops.compile_in_turn()
    assert tried == [(True, False)]
    assert is_free(folder, locks.LOCK_EX)


@pytest.mark.parametrize("kept_meanwhile", [False, True])
def test_one_that_has_to_compile_is_alone(
    folder: int, kept_meanwhile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from numba.core import caching

    asked: list[bool] = []
    cache: Any = caching.Cache

    def load(*_: object) -> str | None:
        asked.append(is_free(folder, locks.LOCK_SH))
        return "loops" if kept_meanwhile and len(asked) > 1 else None

    monkeypatch.setattr(cache, "load_overload", load)
    found: list[object] = []

    def describe(*_: object) -> object:
        found.append(cache.load_overload(None, "types"))
        raise KeyboardInterrupt

    monkeypatch.setattr("mixrules.corpus.extraction.spectral.describe_frames", describe)
    with pytest.raises(KeyboardInterrupt):
        librosa_loops.compile_in_turn()
    assert asked == [True, False]  # alone, it looks again
    assert found == ["loops" if kept_meanwhile else None]
    assert cache.load_overload is load
    assert is_free(folder, locks.LOCK_EX)


def compiled() -> set[tuple[str, str]]:
    """Return the loops of librosa that are compiled or loaded, each with the types of its arguments."""
    return {
        (f"{module}.{name}", str(signature))
        for module, loaded in list(sys.modules.items())
        if module.startswith("librosa.")
        for name, value in list(vars(loaded).items())
        if type(value).__module__.startswith("numba.")
        for signature in [*getattr(value, "signatures", ()), *getattr(value, "types", ())]
    }


def test_everything_that_a_song_needs_is_compiled_then(rng: np.random.Generator) -> None:
    librosa_loops.compile_in_turn.cache_clear()
    librosa_loops.compile_in_turn()
    before = compiled()
    audio = rng.normal(0, 0.1, (3 * 44_100, 2)).astype(np.float32)
    frames = describe_frames(audio, 44_100)
    snippets = Snippets(len(audio), 65_536, 32_768)
    descriptors_of(frames, snippets)
    beats_of(frames, snippets)
    assert before
    assert compiled() == before
