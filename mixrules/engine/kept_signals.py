"""Stems as they left their limiters, kept from one pass over the song to the next.

What is decided last, reverb and faders, needs every stem once more, and so does the mix. Up to its limiter a strip costs
most, and by then nothing in it changes any more.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine.source import Source

_CHUNK_SAMPLES = 1 << 20
"""So many samples lie together: 4 MiB or more are fast to get, and small enough to be let go of one after the other."""


class KeptSignals:
    """The latest signal of each stem, all of them within some memory.

    Parameters
    ----------
    budget_bytes : int
        So much is kept at most; a stem that does not fit is not kept.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._left_bytes = budget_bytes
        self._lock = threading.Lock()
        self._signals: dict[str, tuple[Any, deque[Audio]]] = {}

    def chunks(self, name: str, key: Any, *, last: bool) -> deque[Audio] | None:
        """Return the chunks that are kept of a stem; None where none are that were made with the same settings.

        Where it is the `last` time, nothing is kept of it from now on: who has read a chunk gives it back.
        """
        known = self._signals.get(name)
        if known is None or known[0] != key:
            return None
        if last:
            del self._signals[name]
            return known[1]
        return known[1].copy()

    def put(self, name: str, key: Any, chunks: deque[Audio]) -> None:
        """Keep all chunks of a stem, in place of what was kept of it before."""
        self.forget(name)
        self._signals[name] = key, chunks

    def forget(self, name: str) -> None:
        """Let go of what is kept of a stem."""
        _, chunks = self._signals.pop(name, (None, ()))
        for chunk in chunks:
            self.give_back(chunk)

    def take(self, chunk: Audio) -> bool:
        """Return whether there is room for a chunk, and if so take it."""
        with self._lock:
            if chunk.nbytes > self._left_bytes:
                return False
            self._left_bytes -= chunk.nbytes
        return True

    def give_back(self, chunk: Audio) -> None:
        """Give back the room of a chunk."""
        with self._lock:
            self._left_bytes += chunk.nbytes


class KeepingSource:
    """A source that keeps what passes through it; where both channels are the same, one of them.

    Parameters
    ----------
    kept : KeptSignals
        Where it is kept, if there is room for all of it.
    name : str
        The stem.
    key : object
        The settings that made it, compared by ``==``.
    source : Source
        Where the blocks come from.
    """

    def __init__(self, kept: KeptSignals, name: str, key: Any, source: Source) -> None:
        kept.forget(name)
        self._kept, self._name, self._key = kept, name, key
        self._source = source
        self._chunks: deque[Audio] = deque()
        self._filled = 0  # samples of the last chunk
        self._left = source.samples
        self._keeps = True
        self.samples, self.channels = source.samples, source.channels

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        block = self._source.next(count)
        start = 0
        while self._keeps and start < len(block):
            start += self._keep(block[start:])
        return block

    def _keep(self, block: Audio) -> int:
        """Keep as much of a block as the chunk takes; return how many samples that are."""
        if not self._chunks or self._filled == len(self._chunks[-1]):
            self._open_chunk(
                min(self._left, _CHUNK_SAMPLES), 1 if _is_twice_the_same(block) else self.channels
            )
        if not self._keeps:
            return 0
        chunk = self._chunks[-1]
        block = block[: len(chunk) - self._filled]
        if chunk.shape[1] < self.channels and not _is_twice_the_same(block):
            self._kept.give_back(self._chunks.pop())
            filled = self._filled
            self._open_chunk(len(chunk), self.channels)
            if not self._keeps:
                return 0
            self._chunks[-1][:filled] = chunk[:filled]
            chunk, self._filled = self._chunks[-1], filled
        chunk[self._filled : self._filled + len(block)] = block[:, : chunk.shape[1]]
        self._filled += len(block)
        self._left -= len(block)
        if not self._left:
            self._kept.put(self._name, self._key, self._chunks)
            self._keeps = False
        return len(block)

    def _open_chunk(self, samples: int, channels: int) -> None:
        chunk = np.empty((samples, channels), np.float32)
        self._filled = 0
        if self._kept.take(chunk):
            self._chunks.append(chunk)
            return
        self._keeps = False
        for each in self._chunks:
            self._kept.give_back(each)
        self._chunks.clear()


class KeptSource:
    """What is kept of a stem, read once more.

    Parameters
    ----------
    kept : KeptSignals
        Gets back the room of what is read for the last time.
    chunks : deque of ndarray
        Its samples.
    samples, channels : int
        Its shape.
    last : bool
        Whether it is read for the last time.
    """

    def __init__(
        self, kept: KeptSignals, chunks: deque[Audio], samples: int, channels: int, *, last: bool
    ) -> None:
        self._kept = kept
        self._chunks = chunks
        self._last = last
        self._place = 0  # in the first of the chunks that are left
        self.samples, self.channels = samples, channels

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        parts = []
        while count and self._chunks:
            chunk = self._chunks[0]
            part = chunk[self._place : self._place + count]
            parts.append(part if part.shape[1] == self.channels else np.repeat(part, self.channels, axis=1))
            self._place += len(part)
            count -= len(part)
            if self._place == len(chunk):
                self._place = 0
                self._chunks.popleft()
                if self._last:
                    self._kept.give_back(chunk)
        if not parts:
            return np.zeros((0, self.channels), np.float32)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _is_twice_the_same(block: Audio) -> bool:
    """Return whether a block has two channels that are the same to the bit."""
    bits = block.view(np.int32)
    return block.shape[1] == 2 and np.array_equal(bits[:, 0], bits[:, 1])
