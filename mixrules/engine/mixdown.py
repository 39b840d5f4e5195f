"""The mixdown: all stems under a plan summed, before and after the master, measured on the way."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.engine.chain import Stage, open_stages
from mixrules.engine.source import BLOCK_SAMPLES, Source
from mixrules.engine.store import ArrayStore, MakeStore, Store, StoredAudio, StoreSource
from mixrules.engine.strip import Keep
from mixrules.engine.sum import SumStream
from mixrules.loudness import BlockEnergies, Loudness, LoudnessMeter
from mixrules.mixplan import MasterPlan, MixPlan

if TYPE_CHECKING:
    from mixrules.engine.renderer import Renderer

_Span = tuple[int, int]  # start and stop, in samples

_MASTER_SAMPLES = 1 << 20
"""What goes through the master at once, for each thread: as long as a segment of the limiter."""


class Mixdown:
    """A song rendered under a plan: summed, measured after a master, and turned into the finished mix.

    The sum and the mix share one store: fresh memory costs more time than what is done to it.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine and the chain.
    plan : MixPlan
        What to render; its master counts for `measured` and `finish` only where they are given it.
    make_store : callable
        Makes the store that keeps the sum, and then the mix.
    measure : bool
        Whether to measure the sum while it is made, for `loudness` and `energies`.

    Attributes
    ----------
    samples : int
        Length of the mix, tails included.
    channel_products : ndarray of float64, shape (2, 2)
        Sums over the samples of the sum: left squared, left times right, right squared.
    """

    def __init__(
        self,
        renderer: Renderer,
        plan: MixPlan,
        *,
        make_store: MakeStore = ArrayStore,
        measure: bool = True,
    ) -> None:
        self._renderer = renderer
        self._plan = plan
        self._make_store = make_store
        self._store: Store | None = None
        self._finished_with: MasterPlan | None = None  # the master of the mix in the store; None: the sum
        self._measured: tuple[MasterPlan, Loudness] | None = None
        self._before_gain: tuple[MasterPlan, LoudnessMeter] | None = None
        self._after_inserts: tuple[Any, Store] | None = (
            None  # the sum after the master's inserts, and their key
        )
        stream = self._open_sum()
        self.samples = stream.samples
        self._meter = self._new_meter() if measure else None
        self.channel_products = np.zeros((2, 2))
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
        """The sum of the stems; rendered anew where the mix has taken its place."""
        store = self._store
        if store is None or self._finished_with is not None:
            store = self._sum(self._open_sum(), None)
        return store

    def measured(self, master: MasterPlan) -> Loudness:
        """Return what the mix measures after a master.

        The store stays as it is, unless it holds the mix of another master: then it will hold the sum.
        """
        if self._measured is None or self._measured[0] != master:
            if self._store is not None and self._finished_with == master:
                meter = self._read_through(self._store)
            else:
                meter = self._new_meter()
                self._run_master(self.total, master, meter, None)
            self._measured = (master, meter.result())
        return self._measured[1]

    def before_gain(self, master: MasterPlan) -> LoudnessMeter:
        """Return a meter that has read the sum after a master's inserts, before its gain."""
        inserts = dataclasses.replace(master, gain_db=0.0, limiter=None)
        if self._before_gain is None or self._before_gain[0] != inserts:
            meter = self._new_meter()
            self._run_master(self.total, inserts, meter, None)
            self._before_gain = (inserts, meter)
        return self._before_gain[1]

    def sliced(self, master: MasterPlan | None = None) -> SlicedAudio:
        """Return the mix after a master, the sum without one, to be read in slices until another is asked for."""
        return StoredAudio(self.total if master is None else self.finish(master))

    def finish(self, master: MasterPlan, *, measure: bool = True) -> Store:
        """Return the mix after a master; it is overwritten when `total` or another master is asked for.

        Where it is not known yet what the mix measures, it is measured on the way if `measure` says so.
        """
        if self._store is None or self._finished_with != master:
            store = self.total
            self._store = None  # should this fail midway, the store holds neither the sum nor the mix
            known = self._measured is not None and self._measured[0] == master
            meter = self._new_meter() if measure and not known else None
            self._run_master(store, master, meter, store)
            if meter is not None:
                self._measured = (master, meter.result())
            self._store, self._finished_with = store, master
            self._after_inserts = None
        return self._store

    def _open_sum(self) -> SumStream:
        names = [strip.name for strip in self._plan.stems]
        return SumStream(self._renderer, self._plan, names, keep=Keep.NO_LONGER)

    def _new_meter(self) -> LoudnessMeter:
        return LoudnessMeter(self._renderer.stems.sample_rate, 2)

    def _metered(self) -> LoudnessMeter:
        if self._meter is None:
            self._meter = self._read_through(self.total)
        return self._meter

    def _read_through(self, store: Store) -> LoudnessMeter:
        """Return a meter that has read all that a store holds."""
        meter = self._new_meter()
        for start in range(0, self.samples, BLOCK_SAMPLES):
            meter.update(store.read(start, min(start + BLOCK_SAMPLES, self.samples)))
        return meter

    def _sum(self, stream: SumStream, meter: LoudnessMeter | None) -> Store:
        """Add up the stems."""
        store = self._make_store(self.samples) if self._store is None else self._store
        self._store = None
        self.channel_products[:] = 0.0

        def render(span: _Span, _: list[Any]) -> list[Callable[[], Audio]]:
            return stream.tasks(span[1] - span[0])

        def add_up(span: _Span, blocks: list[Audio]) -> list[Callable[[], Audio]]:
            return [partial(stream.add_up, blocks, span[1] - span[0])]

        def measure_and_store(span: _Span, totals: list[Audio]) -> list[Callable[[], None]]:
            return [partial(self._note_and_write, totals, meter, store, span[0])]

        spans = [
            (start, min(start + BLOCK_SAMPLES, self.samples))
            for start in range(0, self.samples, BLOCK_SAMPLES)
        ]
        with self._renderer.thread_pool() as pool:
            pool.run_pipeline(
                spans, [render, add_up, measure_and_store], max_threads=len(self._plan.stems) + 2
            )
        self._store, self._finished_with = store, None
        return store

    def _note_and_write(
        self, blocks: Sequence[Audio], meter: LoudnessMeter | None, store: Store, start: int
    ) -> None:
        for block in blocks:
            self.channel_products += block.T @ block
        _meter_and_write(blocks, meter, store, start)

    def _run_master(
        self, total: Store, master: MasterPlan, meter: LoudnessMeter | None, store: Store | None
    ) -> None:
        """Send the sum through a master; measure what comes out, and write it where there is a store: `total` itself."""
        key = self._renderer.chain.master_inserts_key(master)
        source = self._open(
            StoreSource(self._with_inserts(total, master, key)),
            self._renderer.chain.master_output,
            master,
            (key,),
        )
        with self._renderer.thread_pool() as pool:

            def next_blocks() -> list[Audio]:
                blocks = (source.next(_MASTER_SAMPLES) for _ in range(pool.max_threads))
                return [block for block in blocks if len(block)]

            position = 0
            blocks = next_blocks()
            while blocks:
                # The next blocks are processed while these are measured and written. Writing is safe: a block that
                # comes out is a copy, and the store was read at least as far as that block goes.
                finish = partial(_meter_and_write, blocks, meter, store, position)
                position += sum(len(block) for block in blocks)
                blocks, _ = pool.run([next_blocks, finish])

    def _with_inserts(self, total: Store, master: MasterPlan, key: Any) -> Store:
        """Return the sum after the master's inserts; the sum itself where it has none."""
        if self._after_inserts is not None and self._after_inserts[0] == key:
            return self._after_inserts[1]
        source = StoreSource(total)
        processed = self._open(source, self._renderer.chain.master_inserts, master, ())
        if processed is source:
            return total
        self._after_inserts = None
        store = self._make_store(self.samples)
        position = 0
        while len(block := processed.next(BLOCK_SAMPLES)):
            store.write(position, block)
            position += len(block)
        self._after_inserts = (key, store)
        return store

    def _open(
        self, source: Source, stages: Sequence[Stage[MasterPlan]], master: MasterPlan, key: tuple[Any, ...]
    ) -> Source:
        """Return a source through some stages of the master."""
        key = (self._renderer.chain.sum_key(self._plan), *key)
        return open_stages(self._renderer, stages, master, source, owner="master", point=("master",), key=key)


def _meter_and_write(
    blocks: Sequence[Audio], meter: LoudnessMeter | None, store: Store | None, start: int
) -> None:
    for block in blocks:
        if meter is not None:
            meter.update(block)
        if store is not None:
            store.write(start, block)
        start += len(block)
