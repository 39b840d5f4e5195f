"""Stems as they left their limiters, kept from one pass over the song to the next.

What is decided last, reverb and faders, needs every stem once more, and so does the mix. Up to its limiter a strip costs
most, and by then nothing in it changes any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine.source import Source
from mixrules.stems import Stems

KEPT_MIB = 144.0
"""So much is kept of a song at most: beside the stems, what a mix takes anyway leaves as much of what `mixrules batch`
admits it by."""

_CHUNK_SAMPLES = 1 << 22
"""So many samples lie together: large parts are fast to get, and these are let go of one after the other."""


class KeptSignals:
    """The latest signal of some stems, each with the settings that made it.

    Parameters
    ----------
    channels : mapping of str to int
        The stems that may be kept, and how many channels of each: one where both are the same.
    """

    def __init__(self, channels: Mapping[str, int]) -> None:
        self.channels = channels
        self._signals: dict[str, tuple[Any, deque[Audio]]] = {}

    def chunks(self, name: str, key: Any, *, last: bool) -> deque[Audio] | None:
        """Return what is kept of a stem; None where nothing is that was made with the same settings.

        Where it is the `last` time, only who asks keeps it.
        """
        known = self._signals.get(name)
        if known is None or known[0] != key:
            return None
        if last:
            del self._signals[name]
            return known[1]
        return known[1].copy()

    def put(self, name: str, key: Any, chunks: deque[Audio]) -> None:
        """Keep a stem, in place of what was kept of it before."""
        self._signals[name] = key, chunks

    def forget(self, name: str) -> None:
        """Let go of what is kept of a stem."""
        self._signals.pop(name, None)


def kept_channels(stems: Stems, budget_mib: float = KEPT_MIB) -> dict[str, int]:
    """Return which stems of a song that is held in memory fit into some more of it, the smallest first.

    Returns
    -------
    dict of str to int
        How many channels of each are to be kept: what is the same in both is so after any strip.
    """
    channels = {
        stem.name: 1 if stem.channels == 2 and _is_twice_the_same(stem.audio) else stem.channels
        for stem in stems
    }
    left_bytes = int(budget_mib * (1 << 20))
    chosen: dict[str, int] = {}
    for name in sorted(channels, key=lambda name: channels[name]):
        size = stems.samples * channels[name] * np.dtype(np.float32).itemsize
        if size <= left_bytes:
            left_bytes -= size
            chosen[name] = channels[name]
    return chosen


class KeepingSource:
    """A source that keeps what passes through it, once all of it has.

    Parameters
    ----------
    kept : KeptSignals
        Where it is kept.
    name : str
        The stem, one that may be kept.
    key : object
        The settings that made it, compared by ``==``.
    source : Source
        Where the blocks come from.
    """

    def __init__(self, kept: KeptSignals, name: str, key: Any, source: Source) -> None:
        kept.forget(name)
        self._kept, self._name, self._key = kept, name, key
        self._source = source
        self._kept_channels = kept.channels[name]
        self._chunks: deque[Audio] = deque()
        self._filled = 0  # samples of the last chunk
        self._left = source.samples
        self.samples, self.channels = source.samples, source.channels

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        block = self._source.next(count)
        if self._kept_channels < self.channels and not _is_twice_the_same(block):
            self._left = 0
            self._chunks.clear()
        start = 0
        while self._left and start < len(block):
            start += self._keep(block[start:])
        return block

    def _keep(self, block: Audio) -> int:
        """Keep as much of a block as the chunk takes; return how many samples that are."""
        if not self._chunks or self._filled == len(self._chunks[-1]):
            shape = min(self._left, _CHUNK_SAMPLES), self._kept_channels
            self._chunks.append(np.empty(shape, np.float32))
            self._filled = 0
        chunk = self._chunks[-1]
        block = block[: len(chunk) - self._filled]
        chunk[self._filled : self._filled + len(block)] = block[:, : self._kept_channels]
        self._filled += len(block)
        self._left -= len(block)
        if not self._left:
            self._kept.put(self._name, self._key, self._chunks)
        return len(block)


class KeptSource:
    """What is kept of a stem, read once more; each chunk is let go of when it has been read.

    Parameters
    ----------
    chunks : deque of ndarray
        Its samples.
    samples, channels : int
        Its shape.
    """

    def __init__(self, chunks: deque[Audio], samples: int, channels: int) -> None:
        self._chunks = chunks
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
        if not parts:
            return np.zeros((0, self.channels), np.float32)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _is_twice_the_same(audio: Audio) -> bool:
    """Return whether two channels are the same to the bit."""
    bits = audio.view(np.int32)
    return all(
        np.array_equal(*bits[start : start + _CHUNK_SAMPLES].T)
        for start in range(0, len(bits), _CHUNK_SAMPLES)
    )
