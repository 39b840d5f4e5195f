"""The channel strip: one stem through its plan, stage by stage, and the master.

The order is `STAGES`. An engine that works in blocks streams (`DryStream`, `WetStream`); of one that only
works on whole signals each stage's latest output is kept with the settings that made it, so that
rules that decide one after the other, and the render that follows, process nothing twice.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np

from mixrules.cores import thread_count
from mixrules.engine.base import Engine
from mixrules.engine.strip_stream import DryStream, MixStream
from mixrules.errors import ParameterError
from mixrules.mixplan import MasterPlan, MixPlan, StemPlan
from mixrules.processors import apply_gain
from mixrules.stems import Stems
from mixrules.validation import Audio

_T = TypeVar("_T")
_Block = TypeVar("_Block")
Stage = Callable[[_Block, list[Any]], Sequence[Callable[[], Any]]]
"""Takes a block and what was made of it before; returns what is to be done."""


def _input(engine: Engine, audio: Audio, rate: int, strip: StemPlan) -> Audio:
    return gained(audio, strip.input_gain_db)


def _equalize(engine: Engine, audio: Audio, rate: int, strip: StemPlan | MasterPlan) -> Audio:
    for insert in strip.plugins:
        if insert.replaces == "equalizer":
            return engine.plugin(audio, rate, insert, None)
    return engine.equalize(audio, rate, strip.equalizer) if strip.equalizer.bands else audio


def _compress(engine: Engine, audio: Audio, rate: int, strip: StemPlan | MasterPlan) -> Audio:
    replaced = [insert for insert in strip.plugins if insert.replaces == "compressor"]
    if replaced:
        audio = engine.plugin(audio, rate, replaced[0], strip.compressor)
    elif strip.compressor is not None:
        audio = engine.compress(audio, rate, strip.compressor)
    for insert in strip.plugins:
        if not insert.replaces:
            audio = engine.plugin(audio, rate, insert, None)
    return audio


def _pan(engine: Engine, audio: Audio, rate: int, strip: StemPlan) -> Audio:
    moved = audio.shape[1] == 1 or strip.pan.pan != 0.0
    return engine.pan(audio, rate, strip.pan) if moved else audio


@dataclass(frozen=True, slots=True)
class _Stage:
    name: str
    settings: Callable[[StemPlan], Any]
    process: Callable[[Engine, Audio, int, StemPlan], Audio]


_DRY_STRIP = (
    _Stage("input", lambda strip: strip.input_gain_db, _input),
    _Stage("equalizer", lambda strip: (strip.equalizer, strip.plugins), _equalize),
    _Stage("compressor", lambda strip: strip.compressor, _compress),
    _Stage("pan", lambda strip: strip.pan, _pan),
)
STAGES = (*(stage.name for stage in _DRY_STRIP), "sends", "fader")
"""The stages of a channel strip, in order; `StripRenderer.stem` renders through any of them."""


class Workers:
    """Does several jobs side by side; results come in the order of the jobs.

    The thread that asks works as well: one that only waits costs a core its caches.

    Parameters
    ----------
    pool : ThreadPoolExecutor or None
        The other threads; None where there are none.
    count : int
        How many jobs are done at once.
    """

    def __init__(self, pool: ThreadPoolExecutor | None, count: int) -> None:
        self._pool = pool
        self.count = count

    def run(self, jobs: Sequence[Callable[[], Any]]) -> list[Any]:
        """Do the jobs and return what they return; where jobs fail no more are begun, and the first's error is raised."""
        if self._pool is None or len(jobs) < 2:
            return [job() for job in jobs]
        left = deque(enumerate(jobs))
        results: dict[int, Any] = {}
        errors: dict[int, BaseException] = {}

        def work() -> None:
            while left:
                try:
                    number, job = left.popleft()
                except IndexError:  # another thread was faster
                    return
                try:
                    results[number] = job()
                except BaseException as error:
                    errors[number] = error
                    left.clear()  # jobs before this one have begun, so that the first error is always the same

        others = [self._pool.submit(work) for _ in range(min(self.count, len(jobs)) - 1)]
        work()
        for other in others:
            other.result()
        if errors:
            raise errors[min(errors)]
        return [results[number] for number in range(len(jobs))]

    def run_stages(self, blocks: Sequence[_Block], stages: Sequence[Stage[_Block]]) -> None:
        """Send blocks through stages one after the other, every stage at work on a block of its own.

        Parameters
        ----------
        blocks : sequence
            What the stages are to work on, in order.
        stages : sequence of callable
            Each takes a block and what the stage before returned for it (nothing, for the first), and returns
            jobs that do not depend on one another, nor on the jobs of other stages for other blocks.
        """
        # What each stage works on next, and what the one before made of it.
        waiting: list[tuple[_Block, list[Any]] | None] = [None] * len(stages)
        for number in range(len(blocks) + len(stages) - 1):
            waiting[0] = (blocks[number], []) if number < len(blocks) else None
            jobs: list[list[Callable[[], Any]]] = [[] for _ in stages]
            # From the last to the first: a block leaves before the next one comes.
            for place in reversed(range(len(stages))):
                if (ready := waiting[place]) is not None:
                    jobs[place] = list(stages[place](*ready))
            done = iter(self.run([job for own in reversed(jobs) for job in own]))
            for place in reversed(range(len(stages))):
                results = [next(done) for _ in jobs[place]]
                if place + 1 < len(stages):
                    block = waiting[place]
                    waiting[place + 1] = None if block is None else (block[0], results)


class StripRenderer:
    """Renders stems under a plan with one engine.

    Parameters
    ----------
    stems : Stems
        The song.
    engine : Engine
        Whose processors to use.
    threads : int or None
        How many stems to work on at once; by default as many as there are cores.

    Attributes
    ----------
    stems, engine
        As given.
    threads : int
        How many things are done at once.
    """

    def __init__(self, stems: Stems, engine: Engine, *, threads: int | None = None) -> None:
        self.stems = stems
        self.engine = engine
        self.threads = thread_count(threads)
        self._kept: dict[tuple[str, str], tuple[Any, Audio]] = {}

    def each(self, names: Sequence[str], work: Callable[[str], _T]) -> dict[str, _T]:
        """Do the same work for several stems, on as many cores as there are; results in order.

        Stems do not depend on one another, so the results are those of one core.
        """
        with self.workers(len(names)) as workers:
            return dict(zip(names, workers.run([partial(work, name) for name in names]), strict=True))

    @contextlib.contextmanager
    def workers(self, most: int) -> Iterator[Workers]:
        """Hold workers for what is done again and again, at most `most` of them."""
        count = min(most, self.threads) if self.engine.threads else 1
        if count < 2:
            yield Workers(None, 1)
            return
        with ThreadPoolExecutor(max_workers=count - 1) as pool:
            yield Workers(pool, count)

    def stem(self, plan: MixPlan, name: str, *, through: str = "fader") -> Audio:
        """Return one stem after the stage `through`, shape (samples, channels).

        From the stage "sends" on it has two channels and may be longer than the stem: the reverb's
        tail is kept.
        """
        if through in ("sends", "fader"):
            stream = MixStream(self, plan, name, fader=through == "fader")
            return np.concatenate(list(stream))
        if self.engine.blocks is None or plan.stem(name).plugins:
            return self._dry(plan.stem(name), through)[0]
        dry = DryStream(self, plan, name, through=through)
        return np.concatenate(list(dry.blocks())) if dry.acts else np.asarray(self.stems[name].audio)

    def wet(self, plan: MixPlan, name: str, bus: str) -> Audio:
        """Return what one reverb bus returns for one stem, at a send level of 0 dB."""
        dry, settings = self._dry(plan.stem(name), "pan")
        params = plan.reverb(bus)
        return self._once(
            (name, f"wet {bus}"),
            (settings, params),
            lambda: self.engine.reverberate(dry, self.stems.sample_rate, params),
        )

    def master(self, audio: Audio, master: MasterPlan) -> Audio:
        """Return the sum of the stems after the master stage."""
        rate = self.stems.sample_rate
        audio = _compress(self.engine, _equalize(self.engine, audio, rate, master), rate, master)
        audio = gained(audio, master.gain_db)
        return audio if master.limiter is None else self.engine.limit(audio, rate, master.limiter)

    def reverb_response(self, plan: MixPlan, bus: str) -> Audio:
        """Return what one reverb bus makes of a unit impulse: how the engine really decays."""
        click = np.ones((1, 1), np.float32)
        return self.engine.reverberate(click, self.stems.sample_rate, plan.reverb(bus))

    def _dry(self, strip: StemPlan, through: str) -> tuple[Audio, Any]:
        audio: Audio = np.asarray(self.stems[strip.name].audio)
        settings: Any = ()
        for stage in _DRY_STRIP:
            settings = (settings, stage.settings(strip))
            process = partial(stage.process, self.engine, audio, self.stems.sample_rate, strip)
            try:
                audio = self._once((strip.name, stage.name), settings, process)
            except ParameterError as error:
                raise ParameterError(f"stem {strip.name}, {stage.name}: {error}") from None
            if stage.name == through:
                break
        return audio, settings

    def _once(self, key: tuple[str, str], settings: Any, make: Callable[[], Audio]) -> Audio:
        if key not in self._kept or self._kept[key][0] != settings:
            self._kept[key] = (settings, make())
        return self._kept[key][1]


def gained(audio: Audio, gain_db: float) -> Audio:
    """Return `audio` with a gain; the very array where the gain is 0 dB."""
    return audio if gain_db == 0.0 else apply_gain(audio, gain_db)
