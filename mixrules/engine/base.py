"""What an engine has to offer, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mixrules._support.validation import Audio
from mixrules.errors import ParameterError
from mixrules.mixplan import PluginInsert
from mixrules.processors import (
    CompressorParams,
    EqualizerParams,
    LimiterParams,
    LimiterSegments,
    PanParams,
    ReverbParams,
    ReverbStream,
    Sections,
)

BlockProcess = Callable[[Audio], Audio]
"""Takes the next block of a signal and returns what comes out of it; the state stays inside."""


class BlockProcessors(Protocol):
    """Processors that keep their state from one block of a signal to the next."""

    def equalizer(self, sample_rate: int, channels: int, params: EqualizerParams) -> BlockProcess:
        """Return an equaliser."""

    def compressor(self, sample_rate: int, params: CompressorParams) -> BlockProcess:
        """Return a compressor, channels linked."""

    def reverb(self, sample_rate: int, params: ReverbParams, *, after: Sections = ()) -> ReverbStream:
        """Return a reverb, with some biquads after it."""

    def limiter(self, sample_rate: int, params: LimiterParams) -> LimiterSegments:
        """Return a limiter."""


class Engine(Protocol):
    """The processors of one engine: audio of shape (samples, channels) in and out.

    Each is called only when it has something to do; latency is compensated to zero, and only
    `reverberate` returns more samples than it was given.
    """

    name: str
    threads: bool
    """Whether stems may be rendered at the same time."""

    @property
    def blocks(self) -> BlockProcessors | None:
        """Its processors for audio in blocks; None where it only works on whole signals."""

    def equalize(self, audio: Audio, sample_rate: int, params: EqualizerParams) -> Audio:
        """Filter `audio`."""

    def compress(self, audio: Audio, sample_rate: int, params: CompressorParams) -> Audio:
        """Compress `audio`, channels linked."""

    def pan(self, audio: Audio, sample_rate: int, params: PanParams) -> Audio:
        """Place mono `audio` between two loudspeakers, or balance stereo; returns two channels."""

    def reverberate(self, audio: Audio, sample_rate: int, params: ReverbParams) -> Audio:
        """Return the reverb alone, two channels, with its tail."""

    def limit(self, audio: Audio, sample_rate: int, params: LimiterParams) -> Audio:
        """Hold the true peak of `audio` under a ceiling."""

    def plugin(
        self, audio: Audio, sample_rate: int, insert: PluginInsert, replaced: CompressorParams | None
    ) -> Audio:
        """Run a plug-in, driven by the compressor it replaces where there is one."""


ENGINES = ("native", "pedalboard")


def load_engine(name: str) -> Engine:
    """Return an engine by its name.

    Raises
    ------
    ParameterError
        If there is no engine of that name.
    """
    if name == "native":
        from mixrules.engine.native import NativeEngine

        return NativeEngine()
    if name == "pedalboard":
        from mixrules.engine.pedalboard_engine import PedalboardEngine

        return PedalboardEngine()
    raise ParameterError(f"there is no engine {name!r}: there are {', '.join(ENGINES)}")
