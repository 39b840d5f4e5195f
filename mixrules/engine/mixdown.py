"""The mixdown: all stems under a plan summed, before and after the master, measured while they pass."""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine.strip_stream import BLOCK_SAMPLES
from mixrules.engine.sum_stream import SumStream
from mixrules.errors import ParameterError
from mixrules.loudness import BlockEnergies, Loudness, LoudnessMeter
from mixrules.mixplan import MasterPlan, MixPlan
from mixrules.processors import LimiterParams, db_to_gain

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


_Place = tuple[int, int]

MakeStore = Callable[[int], Store]
"""Makes a store for so many samples."""


class Mixdown:
    """A song rendered under a plan: summed, measured after a master, and turned into the finished mix.

    The sum and the mix share one store: fresh memory costs more time than what is done to it.

    Parameters
    ----------
    renderer : StripRenderer
        The song and the engine.
    plan : MixPlan
        What to render; its master is looked at by `measured` and `finish` alone.
    make_store : callable
        Where to keep the sum, and then the mix.
    measure : bool
        Whether to measure the sum while it is made, for `loudness` and `energies`.

    Attributes
    ----------
    samples : int
        Length of the mix, tails included.
    """

    def __init__(
        self,
        renderer: StripRenderer,
        plan: MixPlan,
        *,
        make_store: MakeStore = ArrayStore,
        measure: bool = True,
    ) -> None:
        self._renderer = renderer
        self._plan = plan
        self._make_store = make_store
        self._store: Store | None = None
        self._holds: MasterPlan | None = None  # the master that the store is finished with; None: the sum
        self._measured: tuple[MasterPlan, Loudness] | None = None
        self._shaped: tuple[Any, Store] | None = None  # the sum after a master's equaliser and compressor
        self._whole: tuple[MasterPlan, Audio] | None = None  # what an engine made that works on whole signals
        stream = self._stream()
        self.samples = stream.samples
        self._meter = self._new_meter() if measure else None
        self._sum(stream, self._meter)

    @functools.cached_property
    def loudness(self) -> Loudness:
        """What the sum measures."""
        return self._metered().result()

    @functools.cached_property
    def energies(self) -> BlockEnergies:
        """The block energies of the sum."""
        return self._metered().block_energies()

    @property
    def total(self) -> Store:
        """The sum of the stems; rendered anew over the mix that has taken its place."""
        store = self._store
        if store is None or self._holds is not None:
            store = self._sum(self._stream(), None)
        return store

    def measured(self, master: MasterPlan) -> Loudness:
        """Return what the mix measures after a master.

        The store stays as it is, unless it holds the mix of another master: then it will hold the sum.
        """
        if self._measured is None or self._measured[0] != master:
            if self._store is not None and self._holds == master:
                found = self._read_through(self._store).result()
            else:
                meter = self._new_meter()
                self._run(self.total, master, meter, None)
                found = meter.result()
            self._measured = (master, found)
        return self._measured[1]

    def finish(self, master: MasterPlan, *, measure: bool = True) -> Store:
        """Return the mix after a master; it is overwritten when `total` or another master is asked for.

        Where it is not known yet what the mix measures, it is measured on the way if `measure` says so.
        """
        if self._store is None or self._holds != master:
            store = self.total
            self._store = None  # neither the sum nor the mix, should this not come to its end
            known = self._measured is not None and self._measured[0] == master
            meter = self._new_meter() if measure and not known else None
            self._run(store, master, meter, store)
            if meter is not None:
                self._measured = (master, meter.result())
            self._store, self._holds = store, master
            self._shaped = self._whole = None
        return self._store

    def _stream(self) -> SumStream:
        return SumStream(self._renderer, self._plan, [strip.name for strip in self._plan.stems])

    def _new_meter(self) -> LoudnessMeter:
        return LoudnessMeter(self._renderer.stems.sample_rate, 2)

    def _metered(self) -> LoudnessMeter:
        if self._meter is None:
            self._meter = self._read_through(self.total)
        return self._meter

    def _read_through(self, store: Store) -> LoudnessMeter:
        """Return a meter that has heard all that a store holds."""
        meter = self._new_meter()
        for start in range(0, self.samples, BLOCK_SAMPLES):
            meter.update(store.read(start, min(start + BLOCK_SAMPLES, self.samples)))
        return meter

    def _sum(self, stream: SumStream, meter: LoudnessMeter | None) -> Store:
        """Add up the stems."""
        store = self._make_store(self.samples) if self._store is None else self._store
        self._store = None

        def render(place: _Place, _: list[Any]) -> list[Callable[[], Audio]]:
            return stream.jobs(place[1] - place[0])

        def add_up(place: _Place, blocks: list[Audio]) -> list[Callable[[], Audio]]:
            return [partial(stream.add_up, blocks, place[1] - place[0])]

        def settle(place: _Place, added: list[Audio]) -> list[Callable[[], None]]:
            return [partial(keep, place[0], added[0])]

        def keep(start: int, total: Audio) -> None:
            if meter is not None:
                meter.update(total)
            store.write(start, total)

        places = [
            (start, min(start + BLOCK_SAMPLES, self.samples))
            for start in range(0, self.samples, BLOCK_SAMPLES)
        ]
        with self._renderer.workers() as workers:
            workers.run_pipeline(places, [render, add_up, settle], max_threads=len(self._plan.stems) + 2)
        self._store, self._holds = store, None
        return store

    def _run(
        self, total: Store, master: MasterPlan, meter: LoudnessMeter | None, store: Store | None
    ) -> None:
        """Send the sum through a master; measure what comes out, and write it where there is a store: `total` itself."""
        blocks = self._renderer.engine.blocks
        if blocks is None or master.plugins:
            whole = self._whole_mix(total, master)
            if meter is not None:
                meter.update(whole)
            if store is not None:
                store.write(0, whole)
            return
        source = self._after_stages(total, blocks, master)
        gain = np.float32(db_to_gain(master.gain_db))
        if master.limiter is not None:
            self._limit(blocks, source, gain, master.limiter, meter, store)
            return
        for start in range(0, self.samples, BLOCK_SAMPLES):
            block = source.read(start, min(start + BLOCK_SAMPLES, self.samples)) * gain
            if meter is not None:
                meter.update(block)
            if store is not None:
                store.write(start, block)

    def _whole_mix(self, total: Store, master: MasterPlan) -> Audio:
        if self._whole is None or self._whole[0] != master:
            self._whole = (master, self._renderer.master(total.read(0, self.samples), master))
        return self._whole[1]

    def _after_stages(self, total: Store, blocks: BlockProcessors, master: MasterPlan) -> Store:
        """Return the sum after the master's equaliser and compressor; the sum itself where it has neither."""
        settings = (master.equalizer, master.compressor)
        if self._shaped is not None and self._shaped[0] == settings:
            return self._shaped[1]
        rate = self._renderer.stems.sample_rate
        stages: list[BlockProcess] = []
        try:
            if master.equalizer.bands:
                stages.append(blocks.equalizer(rate, 2, master.equalizer))
        except ParameterError as error:
            raise ParameterError(f"master, equalizer: {error}") from None
        if master.compressor is not None:
            stages.append(blocks.compressor(rate, master.compressor))
        if not stages:
            return total
        self._shaped = None
        shaped = self._make_store(self.samples)
        for start in range(0, self.samples, BLOCK_SAMPLES):
            block = total.read(start, min(start + BLOCK_SAMPLES, self.samples))
            for process in stages:
                block = process(block)
            shaped.write(start, block)
        self._shaped = (settings, shaped)
        return shaped

    def _limit(
        self,
        blocks: BlockProcessors,
        source: Store,
        gain: np.float32,
        params: LimiterParams,
        meter: LoudnessMeter | None,
        store: Store | None,
    ) -> None:
        """Limit segments side by side, and measure the ones before meanwhile."""
        limiter = blocks.limiter(self._renderer.stems.sample_rate, params)
        segments = limiter.plan(self.samples)
        done: list[tuple[int, Audio]] = []

        def limited(number: int) -> tuple[int, Audio]:
            first, start, stop, end = segments[number]
            return start, limiter.process(source.read(first, end) * gain, start - first, stop - first)

        def measure(found: list[tuple[int, Audio]]) -> None:
            if meter is not None:
                for _, block in found:
                    meter.update(block)

        def keep(found: list[tuple[int, Audio]]) -> None:
            if store is not None:
                for start, block in found:
                    store.write(start, block)

        with self._renderer.workers() as workers:
            for first in range(0, len(segments), workers.max_threads):
                numbers = range(first, min(first + workers.max_threads, len(segments)))
                jobs = [partial(limited, number) for number in numbers]
                _, *found = workers.run([partial(measure, done), *jobs])
                # Segments overlap: one is overwritten when the next ones have been read.
                keep(done)
                done = found
            measure(done)
            keep(done)
