"""The signal chain: which stages a stem and the sum go through, in which order, and what sets each.

    stem: polarity and input gain -> equalizer -> dynamic equalizer -> compressor and inserts -> limiter -> automation
          -> pan -> width -> sends (return of a reverb bus) -> fader
    sum:  equalizer -> compressor and inserts -> gain -> limiter

This is the only place that knows it. A stage is opened with nothing but its settings, and the settings of
all stages up to a point are the cache key of the signal there: a stage added here is measured, rendered
and cached like the others. `parts_in_mix` says what sends, fader and mute make of a stem.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np

from mixrules.engine.base import Engine, ImmediateProcessor, Processor, Signal
from mixrules.engine.source import ProcessedSource, Source, TappedSource
from mixrules.errors import ParameterError
from mixrules.mixplan import MasterPlan, MixPlan, PluginInsert, StemPlan
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    WidthParams,
    db_to_gain,
)

if TYPE_CHECKING:
    from mixrules.engine.renderer import Renderer

_Plan = TypeVar("_Plan", StemPlan, MasterPlan)

Prepare = Callable[[Signal], Processor]
"""Prepares one processor for a signal."""

WITH_SENDS, WITH_FADER = "sends", "fader"
"""The points of a strip after its stages: the stem with its reverbs, and all of that after the fader."""


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
        processors, one after the other: an empty list where the stage does nothing.
    channels : callable
        Takes the channels that come in; returns how many go out.
    level_db : callable or None
        Takes the settings of a stage that may change nothing but level and polarity; returns the change of level,
        None where it changes more.
    """

    name: str
    settings: Callable[[_Plan], Any]
    processors: Callable[[Engine, int, Any], Sequence[Prepare]]
    channels: Callable[[int], int] = lambda channels: channels
    level_db: Callable[[Any], float | None] | None = None

    def key(self, plan: _Plan) -> Any:
        """Return what this stage adds to the cache key of a signal that went through it."""
        return self.name, self.settings(plan)


class MixPart(NamedTuple):
    """A part of a stem in the mix: the stem itself (`bus` empty) or what a reverb bus returns for it, at a gain."""

    bus: str
    gain_db: float


def parts_in_mix(strip: StemPlan, *, fader_db: float | None = None) -> tuple[MixPart, ...]:
    """Return the parts of a stem in the mix: sends, fader and mute in one place.

    Parameters
    ----------
    strip : StemPlan
        Whose sends, fader and mute.
    fader_db : float, optional
        In place of the strip's fader.

    Returns
    -------
    tuple of MixPart
        The stem first; none where it is muted.
    """
    if strip.mute:
        return ()
    fader_db = strip.gain_db if fader_db is None else fader_db
    return (MixPart("", fader_db), *(MixPart(send.to, send.level_db + fader_db) for send in strip.sends))


def gain_processor(signal: Signal, gain_db: float) -> Processor:
    """Return what multiplies a signal by a gain."""
    gain = np.float32(db_to_gain(gain_db))
    return ImmediateProcessor(lambda block: block * gain)


class _InputSettings(NamedTuple):
    gain_db: float
    invert_polarity: bool
    invert_right_polarity: bool


def _input_settings(strip: StemPlan) -> _InputSettings:
    return _InputSettings(strip.input_gain_db, strip.invert_polarity, strip.invert_right_polarity)


def _input_level_db(settings: _InputSettings) -> float | None:
    """Return the change of level; None where left and right no longer add up to the same sum."""
    return None if settings.invert_right_polarity else settings.gain_db


def _input(engine: Engine, channels: int, settings: _InputSettings) -> list[Prepare]:
    gain_db, invert, invert_right = settings
    signs = [-1.0 if invert else 1.0] * channels
    if invert_right and channels > 1:
        signs[1] = -signs[1]
    if min(signs) < 0.0:
        gains = np.float32(db_to_gain(gain_db)) * np.array(signs, np.float32)
        return [lambda signal: ImmediateProcessor(lambda block: block * gains)]
    return [partial(gain_processor, gain_db=gain_db)] if gain_db != 0.0 else []


def _output(engine: Engine, channels: int, settings: tuple[float, LimiterParams | None]) -> list[Prepare]:
    gain_db, limiter = settings
    if limiter is not None:
        return [partial(engine.limiter, params=limiter, input_gain_db=gain_db)]
    # At 0 dB as well: the mix is written over the sum, so that what comes out may not be a view of it.
    return [partial(gain_processor, gain_db=gain_db)]


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


def _dynamic_equalizer(engine: Engine, channels: int, bands: tuple[DynamicEqBand, ...]) -> list[Prepare]:
    return [partial(engine.dynamic_equalizer, bands=bands)] if bands else []


def _limiter(engine: Engine, channels: int, params: LimiterParams | None) -> list[Prepare]:
    if params is None:
        return []
    return [lambda signal: engine.limiter(dataclasses.replace(signal, one_of_many=True), params=params)]


def _automation(engine: Engine, channels: int, points: tuple[GainPoint, ...]) -> list[Prepare]:
    return [partial(engine.automation, points=points)] if points else []


def _width(engine: Engine, channels: int, params: WidthParams | None) -> list[Prepare]:
    return [] if params is None or params == WidthParams() else [partial(engine.width, params=params)]


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


Stages = tuple[Stage[StemPlan], ...]


class Tap(NamedTuple):
    """Who is shown every block of a strip's signal after one of its stages."""

    stage: str
    updates: tuple[Callable[[Any], None], ...]


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
        """The points at which a stem can be had, in order: after each stage, with its reverbs, with its fader."""
        return (*(stage.name for stage in self.strip), WITH_SENDS, WITH_FADER)

    def strip_through(self, name: str) -> Stages:
        """Return the stages of the strip up to and with one.

        Raises
        ------
        ParameterError
            If the strip has no such stage.
        """
        return self.strip[: self._position(name) + 1]

    def strip_before(self, name: str) -> Stages:
        """Return the stages of the strip before one; raises as `strip_through`."""
        return self.strip[: self._position(name)]

    def strip_before_pan(self) -> Stages:
        """Return the stages of the strip that leave the stem as many channels as it has."""
        return tuple(takewhile(lambda stage: stage.channels(1) == 1, self.strip))

    def pre_send_key(self, strip: StemPlan) -> Any:
        """Return the cache key of a stem where it is sent to the reverb buses."""
        return _key(self.strip, strip)

    def return_key(self, plan: MixPlan, strip: StemPlan, bus: str) -> Any:
        """Return the cache key of what a reverb bus returns for a stem."""
        return self.pre_send_key(strip), plan.reverb(bus)

    def sum_key(self, plan: MixPlan) -> Any:
        """Return the cache key of the sum of all stems before the master."""
        return tuple(
            (
                strip.name,
                self.pre_send_key(strip),
                tuple((part, plan.reverb(part.bus) if part.bus else None) for part in parts_in_mix(strip)),
            )
            for strip in plan.stems
        )

    def master_inserts_key(self, master: MasterPlan) -> Any:
        """Return the cache key of the sum after the master's inserts, but for the sum itself."""
        return _key(self.master_inserts, master)

    def active_key(self, stages: Stages, engine: Engine, strip: StemPlan, channels: int) -> Any:
        """Return the cache key of a stem of so many channels after some stages: of those that do something."""
        keys = []
        for stage in stages:
            if stage.processors(engine, channels, stage.settings(strip)):
                keys.append(stage.key(strip))
            channels = stage.channels(channels)
        return tuple(keys)

    def level_db(self, engine: Engine, strip: StemPlan, channels: int) -> float | None:
        """Return by how much a strip changes the level of a stem, fader included; None if it changes more than that."""
        level_db = 0.0
        for stage in self.strip:
            settings = stage.settings(strip)
            change_db = stage.level_db(settings) if stage.level_db is not None else None
            if change_db is not None:
                level_db += change_db
            elif stage.processors(engine, channels, settings):
                return None
            channels = stage.channels(channels)
        return None if strip.mute or strip.sends else level_db + strip.gain_db

    def _position(self, name: str) -> int:
        for position, stage in enumerate(self.strip):
            if stage.name == name:
                return position
        raise ParameterError(
            f"there is no stage {name!r} here: there are {', '.join(s.name for s in self.strip)}"
        )


def open_stages(
    renderer: Renderer,
    stages: Sequence[Stage[_Plan]],
    plan: _Plan,
    source: Source,
    *,
    owner: str,
    point: tuple[Any, ...],
    key: tuple[Any, ...] = (),
    taps: Sequence[Tap] = (),
) -> Source:
    """Return a source through some stages.

    Parameters
    ----------
    renderer : Renderer
        Engine, threads and cache.
    stages : sequence of Stage
        In order.
    plan : StemPlan or MasterPlan
        Their settings.
    source : Source
        What goes in.
    owner : str
        Whose stages they are, for an error message.
    point, key : tuple
        Where the source is in the song, and the settings that made it, for `SignalCache.at`.
    taps : sequence of Tap
        Who is shown the signal after which of the stages.

    Returns
    -------
    Source
        The source itself where no stage does anything.

    Raises
    ------
    ParameterError
        If a stage's settings cannot be met at this sample rate; names owner and stage.
    """
    for stage in stages:
        key = (*key, stage.key(plan))
        channels = stage.channels(source.channels)
        prepared = stage.processors(renderer.engine, source.channels, stage.settings(plan))
        for number, prepare in enumerate(prepared):
            try:
                processor = prepare(renderer.signal(source, (*point, stage.name, number), key))
            except ParameterError as error:
                raise ParameterError(f"{owner}, {stage.name}: {error}") from None
            source = ProcessedSource(source, processor, channels)
        updates = [update for tap in taps if tap.stage == stage.name for update in tap.updates]
        if updates:
            source = TappedSource(source, updates)
    return source


def _key(stages: Sequence[Stage[_Plan]], plan: _Plan) -> Any:
    return tuple(stage.key(plan) for stage in stages)


CHAIN = Chain(
    strip=(
        Stage("input", _input_settings, _input, level_db=_input_level_db),
        Stage("equalizer", _equalizer_settings, _equalizer),
        Stage("dynamic_equalizer", lambda strip: strip.dynamic_equalizer, _dynamic_equalizer),
        Stage("compressor", _compressor_settings, _compressor),
        Stage("limiter", lambda strip: strip.limiter, _limiter),
        Stage("automation", lambda strip: strip.automation, _automation),
        Stage("pan", lambda strip: strip.pan, _pan, lambda channels: 2),
        Stage("width", lambda strip: strip.width, _width, lambda channels: 2),
    ),
    master_inserts=(
        Stage("equalizer", _equalizer_settings, _equalizer),
        Stage("compressor", _compressor_settings, _compressor),
    ),
    master_output=(Stage("gain and limiter", lambda master: (master.gain_db, master.limiter), _output),),
)
"""The chain of this package."""
