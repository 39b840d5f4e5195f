"""What an engine has to offer: a streaming processor for each kind of stage, and how an engine is found by its name.

One protocol for all of them. An engine's method prepares a processor for one signal; `process` takes the
signal's blocks in order; `flush` returns what the processor has held back. In all as many samples come
out as went in, not delayed against them: a processor that has to look ahead returns fewer at first.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mixrules._support.arguments import require_known
from mixrules._support.validation import Audio
from mixrules.mixplan import PluginInsert
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    Sections,
    WidthParams,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The signal that a processor is prepared for.

    Attributes
    ----------
    sample_rate : int
        Hz.
    channels : int
        Channels of every block.
    samples : int
        Its length.
    threads : int
        How many tasks are worked on at once.
    run : callable
        Takes tasks that do not depend on one another, works on them side by side and returns their results.
    cached : callable
        Takes a function that makes the processed signal and returns what it makes, or what it made last time
        for the same signal and settings: for processors that work on the whole signal.
    one_of_many : bool
        Whether other signals are processed at the same time: then a processor keeps to the thread that it is
        called in, since what it is called by may hold a lock, and holds no more of the signal than it must.
    """

    sample_rate: int
    channels: int
    samples: int
    threads: int
    run: Callable[[Sequence[Callable[[], Any]]], list[Any]]
    cached: Callable[[Callable[[], Audio]], Audio]
    one_of_many: bool = False


class Processor(Protocol):
    """A processor at work on one signal."""

    def process(self, block: Audio) -> Audio:
        """Return what comes out when the next block, shape (samples, channels), goes in; the block is not modified."""

    def flush(self) -> Audio:
        """Return samples that are still to come after the last block; called until there are none."""


class ImmediateProcessor:
    """A processor that holds no sample back: each block comes out when it goes in.

    Parameters
    ----------
    process : callable
        Takes a block and returns what becomes of it, a new array; keeps its state from block to block.
    """

    def __init__(self, process: Callable[[Audio], Audio]) -> None:
        self.process = process

    def flush(self) -> Audio:
        """Return nothing."""
        return np.zeros((0, 1), np.float32)


class Engine(Protocol):
    """The processors of one engine; each method prepares one for a signal, from rest.

    All raise `ParameterError` where the settings cannot be met at the signal's sample rate.
    """

    name: str
    parallel: bool
    """Whether stems may be processed at the same time."""
    hosts_plugins: bool
    """Whether a plan may name plug-ins."""

    def equalizer(self, signal: Signal, params: EqualizerParams) -> Processor:
        """Return an equaliser."""

    def dynamic_equalizer(self, signal: Signal, bands: Sequence[DynamicEqBand]) -> Processor:
        """Return a dynamic equaliser, channels linked."""

    def compressor(self, signal: Signal, params: CompressorParams) -> Processor:
        """Return a compressor, channels linked."""

    def automation(self, signal: Signal, points: Sequence[GainPoint]) -> Processor:
        """Return a gain over time."""

    def pan(self, signal: Signal, params: PanParams) -> Processor:
        """Return a panner of a mono signal, or the balance of a stereo one; two channels come out."""

    def width(self, signal: Signal, params: WidthParams) -> Processor:
        """Return what changes the width of a stereo signal."""

    def reverb(self, signal: Signal, params: ReverbParams, *, after: Sections = ()) -> Processor:
        """Return a reverb without the dry sound, two channels, with some biquads after it.

        Its tail comes out while zeros go in: the caller appends `tail_samples` of them. Blocks are
        `BLOCK_SAMPLES` long but for the last.
        """

    def limiter(self, signal: Signal, params: LimiterParams, *, input_gain_db: float = 0.0) -> Processor:
        """Return a true-peak limiter with a gain before it."""

    def plugin(self, signal: Signal, insert: PluginInsert, replaced: CompressorParams | None) -> Processor:
        """Return a plug-in, driven by the compressor it replaces where there is one."""


_ENGINES = {
    "native": ("mixrules.engine.native", "NativeEngine"),
    "pedalboard": ("mixrules.engine.pedalboard_engine", "PedalboardEngine"),
}
ENGINES = tuple(_ENGINES)
"""The names of the engines."""


def load_engine(name: str) -> Engine:
    """Return an engine by its name; only then is its module imported.

    Raises
    ------
    ParameterError
        If there is no engine of that name.
    """
    module, class_name = _ENGINES[require_known(name, ENGINES, what="engine")]
    engine: Engine = getattr(importlib.import_module(module), class_name)()
    return engine
