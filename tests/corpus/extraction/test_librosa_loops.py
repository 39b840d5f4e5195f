"""Processes that start together on an empty cache keep librosa's compiled loops one after the other."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from mixrules._support.file_locks import locks
from mixrules.corpus.extraction import librosa_loops
from mixrules.corpus.extraction.descriptors import beats_of, descriptors_of
from mixrules.corpus.extraction.snippets import Snippets
from mixrules.corpus.extraction.spectral import describe_frames


@pytest.mark.skipif(locks is None, reason="Windows has no locks of this kind")
def test_no_process_compiles_while_another_does(monkeypatch: pytest.MonkeyPatch) -> None:
    import librosa

    folder = os.open(os.path.dirname(librosa.__file__), os.O_RDONLY)
    tried: list[bool] = []

    def describe(*_: object) -> object:
        with pytest.raises(BlockingIOError):
            locks.flock(folder, locks.LOCK_EX | locks.LOCK_NB)
        tried.append(True)
        raise KeyboardInterrupt  # it is given up then, too

    monkeypatch.setattr("mixrules.corpus.extraction.spectral.describe_frames", describe)
    librosa_loops.compile_in_turn.cache_clear()
    with pytest.raises(KeyboardInterrupt):
        librosa_loops.compile_in_turn()
    assert tried == [True]
    locks.flock(folder, locks.LOCK_EX | locks.LOCK_NB)
    os.close(folder)


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
