"""Renderer: a song, the engine and the chain that it is rendered with, and the threads that work on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np

from mixrules._support.cores import thread_count
from mixrules._support.validation import Audio
from mixrules.engine.base import Engine, Signal
from mixrules.engine.chain import CHAIN, Chain
from mixrules.engine.source import ArraySource, Source
from mixrules.engine.strip import StemInMix, open_reverb, open_strip
from mixrules.engine.thread_pool import ThreadPool
from mixrules.engine.whole import SignalCache
from mixrules.mixplan import MixPlan
from mixrules.stems import Stems

_T = TypeVar("_T")

SCAN_SAMPLES = 1 << 19
"""The blocks of what only measures a stem: the meter filters distant segments of a long one side by side."""


class Renderer:
    """Renders stems under plans.

    Parameters
    ----------
    stems : Stems
        The song.
    engine : Engine
        Whose processors to use.
    threads : int or None
        How many tasks to work on at once; by default as many as there are cores.
    chain : Chain
        The stages of strip and master.

    Attributes
    ----------
    stems, engine, chain
        As given.
    threads : int
        How many tasks are worked on at once.
    """

    def __init__(
        self, stems: Stems, engine: Engine, *, threads: int | None = None, chain: Chain = CHAIN
    ) -> None:
        self.stems = stems
        self.engine = engine
        self.chain = chain
        self.threads = thread_count(threads)
        self._cache = SignalCache()
        self._thread_count = self.threads if engine.parallel else 1
        self._pool: ThreadPool | None = None

    def each(self, names: Sequence[str], work: Callable[[str], _T]) -> dict[str, _T]:
        """Do the same work for several stems, on as many cores as there are; results in order.

        Stems do not depend on one another, so the results are those of one core.
        """
        with self.thread_pool() as pool:
            return dict(zip(names, pool.run([partial(work, name) for name in names]), strict=True))

    def scan(
        self, plan: MixPlan, name: str, through: str, updates: Sequence[Callable[[Audio], None]]
    ) -> None:
        """Send one stem through its strip up to the stage `through`, and every block to all of `updates`."""
        source = open_strip(self, plan, name, through=through)
        starts = range(0, source.samples, SCAN_SAMPLES)
        with self.thread_pool() as pool:
            pool.run_pipeline(
                starts,
                [
                    lambda start, _: [partial(source.next, SCAN_SAMPLES)],
                    lambda start, blocks: [partial(update, blocks[0]) for update in updates],
                ],
                prefetch=1,
                max_threads=1 + len(updates),
            )

    @contextlib.contextmanager
    def thread_pool(self) -> Iterator[ThreadPool]:
        """Hold the threads; what asks for them while they are held shares them."""
        if self._pool is not None:
            yield self._pool
            return
        with ThreadPool(self._thread_count) as pool:
            self._pool = pool
            try:
                yield pool
            finally:
                self._pool = None

    def signal(self, source: Source, point: Any, key: Any) -> Signal:
        """Return what a processor is to be prepared for; `point` and `key` as for `SignalCache.at`."""
        return Signal(
            sample_rate=self.stems.sample_rate,
            channels=source.channels,
            samples=source.samples,
            threads=self._thread_count,
            run=self.run,
            cached=self._cache.at(point, key),
        )

    def stem(self, plan: MixPlan, name: str, *, through: str = "fader") -> Audio:
        """Return one stem after the stage `through` of the chain, shape (samples, channels).

        From the stage "sends" on it has two channels and may be longer than the stem: the reverb's
        tail is kept.
        """
        if through in ("sends", "fader"):
            return np.concatenate(list(StemInMix(self, plan, name, fader=through == "fader")))
        return np.asarray(open_strip(self, plan, name, through=through).next(self.stems[name].samples))

    def reverb_response(self, plan: MixPlan, bus: str) -> Audio:
        """Return what one reverb bus makes of a unit impulse: how the engine really decays."""
        impulse = ArraySource(np.ones((1, 2), np.float32))
        response = open_reverb(self, plan, bus, impulse, ("impulse",), ())
        return response.next(response.samples)

    def run(self, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
        """Work on tasks that do not depend on one another, side by side; return their results in order."""
        with self.thread_pool() as pool:
            return pool.run(tasks)
