"""The native engine: mixrules' own processors."""

from __future__ import annotations

from mixrules import processors
from mixrules._support.validation import Audio
from mixrules.engine.base import BlockProcess
from mixrules.errors import PlanError
from mixrules.mixplan import PluginInsert
from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams, PanParams, ReverbParams


class _NativeBlocks:
    """The same processors for audio in blocks."""

    def equalizer(self, sample_rate: int, channels: int, params: EqualizerParams) -> BlockProcess:
        """Return an equaliser for audio in blocks."""
        return processors.EqualizerStream(sample_rate, channels, params).process

    def compressor(self, sample_rate: int, params: CompressorParams) -> BlockProcess:
        """Return a compressor for audio in blocks."""
        return processors.CompressorStream(sample_rate, params).process

    def limiter(self, sample_rate: int, params: LimiterParams) -> processors.LimiterSegments:
        """Return a limiter for audio in blocks."""
        return processors.LimiterSegments(sample_rate, params)

    def reverb(
        self, sample_rate: int, params: ReverbParams, *, after: processors.Sections = ()
    ) -> processors.ReverbStream:
        """Return a reverb for audio in blocks, with some biquads after it."""
        return processors.ReverbStream(sample_rate, params, after=after)


class NativeEngine:
    """Renders with `mixrules.processors`; deterministic, no plug-ins."""

    name = "native"
    threads = True
    blocks = _NativeBlocks()

    def equalize(self, audio: Audio, sample_rate: int, params: EqualizerParams) -> Audio:
        """Filter `audio`."""
        return processors.equalize(audio, sample_rate, params)

    def compress(self, audio: Audio, sample_rate: int, params: CompressorParams) -> Audio:
        """Compress `audio`, channels linked."""
        return processors.compress(audio, sample_rate, params)

    def pan(self, audio: Audio, sample_rate: int, params: PanParams) -> Audio:
        """Pan or balance `audio`."""
        return processors.pan(audio, sample_rate, params)

    def reverberate(self, audio: Audio, sample_rate: int, params: ReverbParams) -> Audio:
        """Return the reverb of `audio` alone."""
        return processors.reverberate(audio, sample_rate, params)

    def limit(self, audio: Audio, sample_rate: int, params: LimiterParams) -> Audio:
        """Limit the true peak of `audio`."""
        return processors.limit(audio, sample_rate, params)

    def plugin(
        self, audio: Audio, sample_rate: int, insert: PluginInsert, replaced: CompressorParams | None
    ) -> Audio:
        """Refuse: this engine hosts no plug-ins."""
        raise PlanError(f"the plan names the plug-in {insert.path}: render it with the engine 'pedalboard'")
