"""The mixdown: all stems under a plan summed, before and after the master, measured while they pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mixrules.engine.strip_stream import BLOCK_SAMPLES
from mixrules.engine.sum_stream import SumStream
from mixrules.errors import ParameterError
from mixrules.loudness import BlockEnergies, Loudness, LoudnessMeter
from mixrules.mixplan import MasterPlan, MixPlan
from mixrules.processors import LimiterParams, db_to_gain
from mixrules.validation import Audio

if TYPE_CHECKING:
    from mixrules.engine.base import BlockProcess, BlockProcessors
    from mixrules.engine.strip import StripRenderer


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


class Mixdown:
    """A song rendered under a plan, up to the master.

    Parameters
    ----------
    renderer : StripRenderer
        The song and the engine.
    plan : MixPlan
        What to render; its master is looked at by `master` alone.
    make_store : callable
        Where to keep the sum, and the mix.

    Attributes
    ----------
    total : Store
        The sum of the stems.
    loudness : Loudness
        What the sum measures.
    energies : BlockEnergies
        Its block energies.
    """

    def __init__(self, renderer: StripRenderer, plan: MixPlan, *, make_store: MakeStore = ArrayStore) -> None:
        self._renderer = renderer
        self._make_store = make_store
        self._finished: tuple[MasterPlan, Store, Loudness] | None = None
        self._spare: Store | None = None
        self._store: Store | None = None
        stream = SumStream(renderer, plan, [strip.name for strip in plan.stems])
        self.samples = stream.samples
        self.total = make_store(self.samples)
        meter = LoudnessMeter(renderer.stems.sample_rate, 2)

        def pour(start: int, blocks: Sequence[Audio]) -> None:
            total = stream.add_up(blocks, min(BLOCK_SAMPLES, self.samples - start))
            meter.update(total)
            self.total.write(start, total)

        pending: Callable[[], None] = _nothing
        with renderer.workers(len(plan.stems)) as workers:
            for start in range(0, self.samples, BLOCK_SAMPLES):
                # A block is added up while the next one is worked on.
                jobs = stream.jobs(min(BLOCK_SAMPLES, self.samples - start))
                _, *blocks = workers.run([pending, *jobs])
                pending = partial(pour, start, blocks)
            pending()
        self.energies: BlockEnergies = meter.block_energies()
        self.loudness: Loudness = meter.result()

    def master(self, master: MasterPlan) -> tuple[Store, Loudness]:
        """Return the mix after the master, and what it measures; the next call overwrites it."""
        if self._finished is None or self._finished[0] != master:
            # What was kept is overwritten from here on, whether or not this comes to its end.
            self._finished = None
            self._store = store = self._store or self._make_store(self.samples)
            self._finished = (master, store, self._run(master, store))
        return self._finished[1], self._finished[2]

    def _run(self, master: MasterPlan, store: Store) -> Loudness:
        rate, blocks = self._renderer.stems.sample_rate, self._renderer.engine.blocks
        meter = LoudnessMeter(rate, 2)
        if blocks is None or master.plugins:
            whole = self._renderer.master(self.total.read(0, self.samples), master)
            meter.update(whole)
            store.write(0, whole)
            return meter.result()
        source = self.total
        gain = np.float32(db_to_gain(master.gain_db))
        stages: list[BlockProcess] = []
        try:
            if master.equalizer.bands:
                stages.append(blocks.equalizer(rate, 2, master.equalizer))
        except ParameterError as error:
            raise ParameterError(f"master, equalizer: {error}") from None
        if master.compressor is not None:
            stages.append(blocks.compressor(rate, master.compressor))
        if stages:
            source = self._spare = self._spare or self._make_store(self.samples)
            for start in range(0, self.samples, BLOCK_SAMPLES):
                block = self.total.read(start, min(start + BLOCK_SAMPLES, self.samples))
                for process in stages:
                    block = process(block)
                source.write(start, block)
        if master.limiter is not None:
            self._limit(blocks, source, gain, master.limiter, store, meter)
            return meter.result()
        for start in range(0, self.samples, BLOCK_SAMPLES):
            block = source.read(start, min(start + BLOCK_SAMPLES, self.samples)) * gain
            meter.update(block)
            store.write(start, block)
        return meter.result()

    def _limit(
        self,
        blocks: BlockProcessors,
        source: Store,
        gain: np.float32,
        params: LimiterParams,
        store: Store,
        meter: LoudnessMeter,
    ) -> None:
        """Limit segments side by side, and measure the ones before meanwhile."""
        limiter = blocks.limiter(self._renderer.stems.sample_rate, params)
        segments = limiter.plan(self.samples)
        done: list[tuple[int, Audio]] = []

        def limited(number: int) -> tuple[int, Audio]:
            first, start, stop, end = segments[number]
            return start, limiter.process(source.read(first, end) * gain, start - first, stop - first)

        def measure(found: list[tuple[int, Audio]]) -> None:
            for start, block in found:
                meter.update(block)
                store.write(start, block)

        with self._renderer.workers(len(segments)) as workers:
            for first in range(0, len(segments), workers.count):
                numbers = range(first, min(first + workers.count, len(segments)))
                jobs = [partial(limited, number) for number in numbers]
                _, *done = workers.run([partial(measure, done), *jobs])
            measure(done)


def _nothing() -> None:
    """Have nothing to add up before the first block."""
