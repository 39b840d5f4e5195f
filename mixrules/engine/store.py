"""Where audio is kept that is written and read in blocks: in memory, or elsewhere behind the same interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio


class Store(Protocol):
    """Keeps stereo audio of a known length, written and read in blocks."""

    samples: int

    def write(self, start: int, block: Audio) -> None:
        """Keep a block from the sample `start` on."""

    def read(self, start: int, stop: int) -> Audio:
        """Return the samples from `start` to before `stop`; not to be written to."""


class ArrayStore:
    """Keeps audio in memory, as one array."""

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.array = np.empty((samples, 2), np.float32)

    def write(self, start: int, block: Audio) -> None:
        """Keep a block from the sample `start` on."""
        self.array[start : start + len(block)] = block

    def read(self, start: int, stop: int) -> Audio:
        """Return the samples from `start` to before `stop`."""
        return self.array[start:stop]


MakeStore = Callable[[int], Store]
"""Makes a store for so many samples."""


class StoreSource:
    """Stored audio, pulled in blocks."""

    channels = 2

    def __init__(self, store: Store) -> None:
        self._store = store
        self._position = 0
        self.samples = store.samples

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        start, self._position = self._position, min(self._position + count, self.samples)
        if start == self._position:  # a file is not read past its end
            return np.zeros((0, self.channels), np.float32)
        return self._store.read(start, self._position)


class StoredAudio(SlicedAudio):
    """Stored audio, read in slices."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.samples, StoreSource.channels)
        self._store = store

    def __getitem__(self, index: slice) -> Audio:
        """Return the samples of a slice, shape (samples, 2)."""
        start, stop, _ = index.indices(len(self))
        if start >= stop:  # a file is not read past its end
            return np.zeros((0, StoreSource.channels), np.float32)
        return self._store.read(start, stop)
