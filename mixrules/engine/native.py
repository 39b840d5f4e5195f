"""The native engine: mixrules' own processors."""

from __future__ import annotations

from collections import deque
from functools import partial

import numpy as np

from mixrules import processors
from mixrules._support.validation import Audio
from mixrules.engine.base import ImmediateProcessor, Processor, Signal
from mixrules.errors import PlanError
from mixrules.mixplan import PluginInsert
from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams, PanParams, ReverbParams


class NativeEngine:
    """Renders with `mixrules.processors`; deterministic, no plug-ins."""

    name = "native"
    parallel = True

    def equalizer(self, signal: Signal, params: EqualizerParams) -> Processor:
        """Return an equaliser."""
        stream = processors.EqualizerStream(signal.sample_rate, signal.channels, params)
        return ImmediateProcessor(stream.process)

    def compressor(self, signal: Signal, params: CompressorParams) -> Processor:
        """Return a compressor, channels linked."""
        return ImmediateProcessor(processors.CompressorStream(signal.sample_rate, params).process)

    def pan(self, signal: Signal, params: PanParams) -> Processor:
        """Return a panner or a balance."""
        return ImmediateProcessor(lambda block: processors.pan(block, signal.sample_rate, params))

    def reverb(self, signal: Signal, params: ReverbParams, *, after: processors.Sections = ()) -> Processor:
        """Return a reverb without the dry sound, with some biquads after it."""
        return ImmediateProcessor(processors.ReverbStream(signal.sample_rate, params, after=after).process)

    def limiter(self, signal: Signal, params: LimiterParams) -> Processor:
        """Return a true-peak limiter."""
        return _Limiter(signal, params)

    def plugin(self, signal: Signal, insert: PluginInsert, replaced: CompressorParams | None) -> Processor:
        """Refuse: this engine hosts no plug-ins."""
        raise PlanError(f"the plan names the plug-in {insert.path}: render it with the engine 'pedalboard'")


class _Limiter:
    """Limits segments of a signal side by side, each as soon as what surrounds it has come."""

    def __init__(self, signal: Signal, params: LimiterParams) -> None:
        self._limiter = processors.LimiterSegments(signal.sample_rate, params)
        self._segments = deque(self._limiter.plan(signal.samples))
        self._signal = signal
        self._blocks: deque[Audio] = deque()
        self._begin = self._end = 0  # of the samples in `_blocks`

    def process(self, block: Audio) -> Audio:
        """Return what could be limited when one more block had come: nothing, or a segment for each thread."""
        self._blocks.append(block)
        self._end += len(block)
        count = self._signal.threads
        if len(self._segments) < count or self._segments[count - 1][3] > self._end:
            return block[:0]
        return self._limited(count)

    def flush(self) -> Audio:
        """Return the rest."""
        return self._limited(len(self._segments))

    def _limited(self, count: int) -> Audio:
        """Return the next segments."""
        segments = [self._segments.popleft() for _ in range(count)]
        if not segments:
            return np.zeros((0, self._signal.channels), np.float32)
        (_, begin, _, _), (_, _, end, _) = segments[0], segments[-1]
        out = np.empty((end - begin, self._signal.channels), np.float32)

        def limit(first: int, start: int, stop: int, last: int) -> None:
            audio = self._samples(first, last)
            out[start - begin : stop - begin] = self._limiter.process(audio, start - first, stop - first)

        self._signal.run([partial(limit, *segment) for segment in segments])
        while self._blocks and self._segments and self._begin + len(self._blocks[0]) <= self._segments[0][0]:
            self._begin += len(self._blocks.popleft())
        return out

    def _samples(self, start: int, stop: int) -> Audio:
        """Return samples that have come."""
        parts, position = [], self._begin
        for block in self._blocks:
            if position + len(block) > start and position < stop:
                parts.append(block[max(0, start - position) : stop - position])
            position += len(block)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
