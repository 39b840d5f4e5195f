"""The signal chain: which stages a stem and the sum go through, in which order, and what sets each.

    stem: input gain -> equalizer -> compressor and inserts -> pan -> sends (return of a reverb bus) -> fader
    sum:  equalizer -> compressor and inserts -> gain -> limiter

This is the only place that knows it. A stage is opened with nothing but its settings, and the settings of
all stages up to a point are the cache key of the signal there: a stage added here is measured, rendered
and cached like the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from mixrules.engine.base import Engine, ImmediateProcessor, Processor, Signal
from mixrules.mixplan import MasterPlan, MixPlan, PluginInsert, StemPlan
from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams, PanParams, db_to_gain

_Plan = TypeVar("_Plan", StemPlan, MasterPlan)

Prepare = Callable[[Signal], Processor]
"""Prepares one processor for a signal."""


@dataclass(frozen=True, slots=True)
class Stage(Generic[_Plan]):
    """One stage of a chain.

    Attributes
    ----------
    name : str
        What it is called, in errors and where a stem is asked for after this stage.
    settings : callable
        Takes the stem's or the master's plan; returns all that the stage depends on, comparable by ``==``.
    processors : callable
        Takes an engine, the channels that come in and the settings; returns what prepares the stage's
        processors, one after the other. None where the stage does nothing.
    channels : callable
        Takes the channels that come in; returns how many go out.
    is_gain : bool
        Whether it is a plain gain, its settings the gain in dB.
    """

    name: str
    settings: Callable[[_Plan], Any]
    processors: Callable[[Engine, int, Any], Sequence[Prepare]]
    channels: Callable[[int], int] = lambda channels: channels
    is_gain: bool = False


def gain_processor(signal: Signal, gain_db: float) -> Processor:
    """Return what multiplies a signal by a gain."""
    gain = np.float32(db_to_gain(gain_db))
    return ImmediateProcessor(lambda block: block * gain)


def _input_gain(engine: Engine, channels: int, gain_db: float) -> list[Prepare]:
    return [partial(gain_processor, gain_db=gain_db)] if gain_db != 0.0 else []


def _gain(engine: Engine, channels: int, gain_db: float) -> list[Prepare]:
    # At 0 dB as well: what comes out has to be a new array, since the mix takes the place of its sum.
    return [partial(gain_processor, gain_db=gain_db)]


def _limiter(engine: Engine, channels: int, params: LimiterParams | None) -> list[Prepare]:
    return [] if params is None else [partial(engine.limiter, params=params)]


def _equalizer(
    engine: Engine, channels: int, settings: tuple[EqualizerParams, PluginInsert | None]
) -> list[Prepare]:
    params, replacement = settings
    if replacement is not None:
        return [partial(engine.plugin, insert=replacement, replaced=None)]
    return [partial(engine.equalizer, params=params)] if params.bands else []


def _compressor(
    engine: Engine,
    channels: int,
    settings: tuple[CompressorParams | None, PluginInsert | None, tuple[PluginInsert, ...]],
) -> list[Prepare]:
    params, replacement, inserts = settings
    prepared: list[Prepare] = []
    if replacement is not None:
        prepared.append(partial(engine.plugin, insert=replacement, replaced=params))
    elif params is not None:
        prepared.append(partial(engine.compressor, params=params))
    return prepared + [partial(engine.plugin, insert=insert, replaced=None) for insert in inserts]


def _pan(engine: Engine, channels: int, params: PanParams) -> list[Prepare]:
    return [partial(engine.pan, params=params)] if channels == 1 or params.pan != 0.0 else []


def _replacing(plan: StemPlan | MasterPlan, processor: str) -> PluginInsert | None:
    """Return the plug-in that takes the place of a processor, where there is one."""
    return next((insert for insert in plan.plugins if insert.replaces == processor), None)


def _equalizer_settings(plan: StemPlan | MasterPlan) -> Any:
    return plan.equalizer, _replacing(plan, "equalizer")


def _compressor_settings(plan: StemPlan | MasterPlan) -> Any:
    inserts = tuple(insert for insert in plan.plugins if not insert.replaces)
    return plan.compressor, _replacing(plan, "compressor"), inserts


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The stages of the channel strip and of the master.

    Attributes
    ----------
    strip : tuple of Stage
        Of a stem, up to where it is sent to the reverb buses; sends and fader follow.
    master_inserts : tuple of Stage
        Of the sum, before its gain.
    master_output : tuple of Stage
        Gain and limiter, which a rule tries at several gains.
    """

    strip: tuple[Stage[StemPlan], ...]
    master_inserts: tuple[Stage[MasterPlan], ...]
    master_output: tuple[Stage[MasterPlan], ...]

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The stages after which a stem can be had, in order."""
        return (*(stage.name for stage in self.strip), "sends", "fader")

    def strip_through(self, last: str | None = None) -> tuple[Stage[StemPlan], ...]:
        """Return the stages of the strip up to `last`, by default all of them."""
        names = [stage.name for stage in self.strip]
        return self.strip if last is None else self.strip[: names.index(last) + 1]

    def pre_send_key(self, strip: StemPlan, last: str | None = None) -> Any:
        """Return the cache key of a stem after the stage `last` of its strip."""
        return tuple((stage.name, stage.settings(strip)) for stage in self.strip_through(last))

    def level_db(self, engine: Engine, strip: StemPlan, channels: int) -> float | None:
        """Return by how much a strip changes the level of a stem, fader included; None if it changes more than that."""
        level_db = 0.0
        for stage in self.strip:
            settings = stage.settings(strip)
            if stage.is_gain:
                level_db += settings
            elif stage.processors(engine, channels, settings):
                return None
        return None if strip.sends else level_db + strip.gain_db

    def return_key(self, plan: MixPlan, strip: StemPlan, bus: str) -> Any:
        """Return the cache key of what a reverb bus returns for a stem."""
        return self.pre_send_key(strip), plan.reverb(bus)

    def sum_key(self, plan: MixPlan) -> Any:
        """Return the cache key of the sum of all stems before the master."""
        strips = tuple(
            (
                strip.name,
                strip.mute,
                self.pre_send_key(strip),
                tuple((send, plan.reverb(send.to)) for send in strip.sends),
                strip.gain_db,
            )
            for strip in plan.stems
        )
        return strips

    def master_inserts_key(self, master: MasterPlan) -> Any:
        """Return the cache key of the sum after the master's inserts."""
        return tuple((stage.name, stage.settings(master)) for stage in self.master_inserts)


CHAIN = Chain(
    strip=(
        Stage("input", lambda strip: strip.input_gain_db, _input_gain, is_gain=True),
        Stage("equalizer", _equalizer_settings, _equalizer),
        Stage("compressor", _compressor_settings, _compressor),
        Stage("pan", lambda strip: strip.pan, _pan, lambda channels: 2),
    ),
    master_inserts=(
        Stage("equalizer", _equalizer_settings, _equalizer),
        Stage("compressor", _compressor_settings, _compressor),
    ),
    master_output=(
        Stage("gain", lambda master: master.gain_db, _gain, is_gain=True),
        Stage("limiter", lambda master: master.limiter, _limiter),
    ),
)
"""The chain of this package."""
