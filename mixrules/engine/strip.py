"""The channel strip: one stem through its plan, stage by stage, and the master.

The order is `STAGES`. An engine that works in blocks streams (`DryStream`, `WetStream`); of one that only
works on whole signals each stage's latest output is kept with the settings that made it, so that
rules that decide one after the other, and the render that follows, process nothing twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np

from mixrules._support.cores import thread_count
from mixrules._support.validation import Audio
from mixrules.engine.base import Engine
from mixrules.engine.strip_stream import SCAN_SAMPLES, DryStream, MixStream
from mixrules.engine.thread_pool import ThreadPool
from mixrules.errors import ParameterError
from mixrules.mixplan import MasterPlan, MixPlan, StemPlan
from mixrules.processors import apply_gain
from mixrules.stems import Stems

_T = TypeVar("_T")


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
        self._workers: ThreadPool | None = None

    def each(self, names: Sequence[str], work: Callable[[str], _T]) -> dict[str, _T]:
        """Do the same work for several stems, on as many cores as there are; results in order.

        Stems do not depend on one another, so the results are those of one core.
        """
        with self.workers() as workers:
            return dict(zip(names, workers.run([partial(work, name) for name in names]), strict=True))

    def measure(
        self, plan: MixPlan, name: str, through: str, updates: Sequence[Callable[[Audio], None]]
    ) -> None:
        """Send one stem through the dry stages of its strip up to `through`, and every block to all of `updates`."""
        stream = DryStream(self, plan, name, through=through)
        starts = range(0, stream.samples, SCAN_SAMPLES)
        with self.workers() as workers:
            workers.run_pipeline(
                starts,
                [
                    lambda start, _: [partial(stream.next, SCAN_SAMPLES)],
                    lambda start, found: [partial(update, found[0]) for update in updates],
                ],
                prefetch=1,
                max_threads=1 + len(updates),
            )

    @contextlib.contextmanager
    def workers(self) -> Iterator[ThreadPool]:
        """Hold workers for what is done again and again; what asks while they are at work is helped by the same."""
        if self._workers is not None:
            yield self._workers
            return
        with ThreadPool(self.threads if self.engine.threads else 1) as workers:
            self._workers = workers
            try:
                yield workers
            finally:
                self._workers = None

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
