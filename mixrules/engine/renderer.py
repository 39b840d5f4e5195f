"""Renderer: a song, the engine and the chain that it is rendered with, and the threads that work on it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np

from mixrules._support.cores import thread_count
from mixrules._support.validation import Audio
from mixrules.engine.base import Engine, Signal
from mixrules.engine.chain import CHAIN, WITH_FADER, WITH_SENDS, Chain, Stages
from mixrules.engine.kept_signals import KeptSignals, kept_channels
from mixrules.engine.source import ArraySource, Source
from mixrules.engine.strip import StemInMix, open_reverb, open_strip
from mixrules.engine.thread_pool import ThreadPool
from mixrules.engine.whole import SignalCache
from mixrules.errors import ParameterError
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
        self, plan: MixPlan, name: str, stages: Stages, updates: Sequence[Callable[[Audio], None]]
    ) -> None:
        """Send one stem through the first stages of its strip, and every block to all of `updates`."""
        source = open_strip(self, plan, name, stages)
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

    @functools.cached_property
    def kept(self) -> KeptSignals | None:
        """What is kept of stems from one pass to the next; None where the song is not held in memory.

        An engine that is given whole signals keeps them itself.
        """
        if not (self.stems.in_memory and self.engine.parallel):
            return None
        return KeptSignals(kept_channels(self.stems))

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

    def stem(self, plan: MixPlan, name: str, *, through: str = WITH_FADER) -> Audio:
        """Return one stem at a point of the chain, shape (samples, channels), not to be written to.

        Parameters
        ----------
        plan : MixPlan
            Whose strip it is.
        name : str
            The stem.
        through : str
            One of the chain's `stage_names`. From the sends on there are two channels, and maybe more samples
            than the stem has: the reverb's tail.

        Returns
        -------
        ndarray

        Raises
        ------
        ParameterError
            If there is no such point, or a stage's settings cannot be met.
        """
        if through not in self.chain.stage_names:
            raise ParameterError(
                f"there is no stage {through!r}: there are {', '.join(self.chain.stage_names)}"
            )
        if through in (WITH_SENDS, WITH_FADER):
            return np.concatenate(list(StemInMix(self, plan, name, fader=through == WITH_FADER)))
        source = open_strip(self, plan, name, self.chain.strip_through(through))
        audio = np.asarray(source.next(source.samples)).view()
        audio.flags.writeable = False  # it may be the very array that the stem was made of
        return audio

    def reverb_response(self, plan: MixPlan, bus: str) -> Audio:
        """Return what one reverb bus makes of a unit impulse: how the engine really decays."""
        impulse = ArraySource(np.ones((1, 2), np.float32))
        response = open_reverb(self, plan, bus, impulse, ("impulse",), ())
        return response.next(response.samples)

    def automation_gains(self, plan: MixPlan, name: str) -> Iterator[Audio]:
        """Yield what the engine's automation makes of a constant 1 as long as a stem, shape (samples, 1), in blocks."""
        samples = self.stems[name].samples
        ones = np.ones((min(SCAN_SAMPLES, samples), 1), np.float32)
        points = plan.stem(name).automation
        signal = self.signal(ArraySource(ones), (name, "automation gains"), (points, samples))
        automation = self.engine.automation(signal, points)
        for start in range(0, samples, SCAN_SAMPLES):
            yield automation.process(ones[: samples - start])

    def run(self, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
        """Work on tasks that do not depend on one another, side by side; return their results in order."""
        with self.thread_pool() as pool:
            return pool.run(tasks)
