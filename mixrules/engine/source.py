"""Signals that are pulled in blocks: a stem, a source through a processor, one source read by several.

A song of any length costs the memory of a few blocks: who wants samples asks the last source, which asks
the one before it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine.base import Processor
from mixrules.processors import REVERB_BLOCK_SAMPLES
from mixrules.stems import Stem

BLOCK_SAMPLES = REVERB_BLOCK_SAMPLES
"""The usual block, as long as a reverb wants it: 3 s at 44.1 kHz."""


class Source(Protocol):
    """A signal of a known length, pulled in blocks from its start.

    Attributes
    ----------
    samples, channels : int
        Its shape.
    """

    samples: int
    channels: int

    def next(self, count: int) -> Audio:
        """Return the next `count` samples, fewer at the end and then none; not to be written to."""


class StemSource:
    """A stem as it was given."""

    def __init__(self, stem: Stem) -> None:
        self._stem = stem
        self._position = 0
        self.samples, self.channels = stem.samples, stem.channels

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        start, self._position = self._position, min(self._position + count, self.samples)
        if start == self._position:  # a file is not read past its end
            return np.zeros((0, self.channels), np.float32)
        return self._stem.read(start, self._position)


class ArraySource:
    """Audio that is held in memory, shape (samples, channels)."""

    def __init__(self, audio: Audio) -> None:
        self._audio = audio
        self._position = 0
        self.samples, self.channels = audio.shape

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        start, self._position = self._position, min(self._position + count, self.samples)
        return self._audio[start : self._position]


class ProcessedSource:
    """A source through a processor.

    Parameters
    ----------
    source : Source
        What goes in.
    processor : Processor
        What it goes through.
    channels : int
        How many come out.
    block_samples : int or None
        How many samples the processor is given at once; by default as many as are asked for.
    """

    def __init__(
        self, source: Source, processor: Processor, channels: int, *, block_samples: int | None = None
    ) -> None:
        self._source = source
        self._processor = processor
        self._block_samples = block_samples
        self._processed = BlockQueue(channels)
        self._ended = False
        self.samples, self.channels = source.samples, channels

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        while self._processed.samples < count and not self._ended:
            block = self._source.next(self._block_samples or count)
            if len(block):
                self._processed.put(self._processor.process(block))
            else:
                held_back = self._processor.flush()
                self._processed.put(held_back)
                self._ended = len(held_back) == 0
        return self._processed.get(count)


class TappedSource:
    """A source whose every block is shown to somebody on its way.

    Parameters
    ----------
    source : Source
        Where the blocks come from.
    updates : sequence of callable
        Each takes a block; none writes to it.
    """

    def __init__(self, source: Source, updates: Sequence[Callable[[Audio], None]]) -> None:
        self._source = source
        self._updates = updates
        self.samples, self.channels = source.samples, source.channels

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        block = self._source.next(count)
        if len(block):
            for update in self._updates:
                update(block)
        return block


class PaddedSource:
    """A stereo source with zeros after its end, up to a length."""

    def __init__(self, source: Source, samples: int) -> None:
        self._source = source
        self._position = 0
        self.samples, self.channels = samples, source.channels

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        start, self._position = self._position, min(self._position + count, self.samples)
        return padded(self._source.next(count), self._position - start)


class SharedSource:
    """One source for several readers: each block is made once, whoever asks first.

    Readers may pull from different threads. A reader that is ahead leaves its blocks to the others.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._queues: list[BlockQueue] = []
        self._ended = False

    def reader(self) -> Source:
        """Return another reader; all of them have to be there before the first one reads."""
        queue = BlockQueue(self._source.channels)
        self._queues.append(queue)
        return _Reader(self, self._source, queue)

    def pull(self, queue: BlockQueue, count: int) -> None:
        """Fill a reader's queue up to `count` samples, as far as there are any, and those of the others alike."""
        while queue.samples < count and not self._ended:
            with self._lock:
                if queue.samples >= count or self._ended:
                    return
                block = self._source.next(count)
                self._ended = len(block) == 0
                for each in self._queues:
                    each.put(block)


class _Reader:
    """One of several readers of a source."""

    def __init__(self, shared: SharedSource, source: Source, queue: BlockQueue) -> None:
        self._shared = shared
        self._queue = queue
        self.samples, self.channels = source.samples, source.channels

    def next(self, count: int) -> Audio:
        self._shared.pull(self._queue, count)
        return self._queue.get(count)


class BlockQueue:
    """Samples waiting, first in, first out. One thread may put while another gets."""

    def __init__(self, channels: int) -> None:
        self._empty: Audio = np.zeros((0, channels), np.float32)
        self._blocks: deque[Audio] = deque()
        self._start = 0  # of what is left of the first block
        # Two counters, each written by one thread at a time.
        self._put = self._got = 0

    @property
    def samples(self) -> int:
        """How many are waiting."""
        return self._put - self._got

    def put(self, block: Audio) -> None:
        """Let a block wait; it is not copied."""
        if len(block):
            self._blocks.append(block)
            self._put += len(block)

    def get(self, count: int) -> Audio:
        """Return the next samples, `count` or as many as there are."""
        left = min(count, self.samples)
        parts: list[Audio] = []
        while left:
            block = self._blocks[0][self._start : self._start + left]
            parts.append(block)
            self._start += len(block)
            if self._start == len(self._blocks[0]):
                self._blocks.popleft()
                self._start = 0
            self._got += len(block)
            left -= len(block)
        if not parts:
            return self._empty
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def padded(block: Audio, samples: int) -> Audio:
    """Return a stereo block with zeros up to a length; the very block where it has that length."""
    if len(block) == samples:
        return block
    longer = np.zeros((samples, 2), np.float32)
    longer[: len(block)] = block
    return longer
