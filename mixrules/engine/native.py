"""The native engine: mixrules' own processors."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial

import numpy as np

from mixrules import processors
from mixrules._support.validation import Audio
from mixrules.engine.base import ImmediateProcessor, Processor, Signal
from mixrules.errors import PlanError
from mixrules.mixplan import PluginInsert
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
)


class NativeEngine:
    """Renders with `mixrules.processors`; deterministic, no plug-ins."""

    name = "native"
    parallel = True
    hosts_plugins = False

    def equalizer(self, signal: Signal, params: EqualizerParams) -> Processor:
        """Return an equaliser."""
        stream = processors.EqualizerStream(signal.sample_rate, signal.channels, params)
        return ImmediateProcessor(stream.process)

    def dynamic_equalizer(self, signal: Signal, bands: Sequence[DynamicEqBand]) -> Processor:
        """Return a dynamic equaliser, channels linked."""
        stream = processors.DynamicEqualizerStream(signal.sample_rate, signal.channels, bands)
        return ImmediateProcessor(stream.process)

    def compressor(self, signal: Signal, params: CompressorParams) -> Processor:
        """Return a compressor, channels linked."""
        return ImmediateProcessor(processors.CompressorStream(signal.sample_rate, params).process)

    def automation(self, signal: Signal, points: Sequence[GainPoint]) -> Processor:
        """Return a gain over time."""
        return ImmediateProcessor(processors.AutomationStream(signal.sample_rate, points).process)

    def pan(self, signal: Signal, params: PanParams) -> Processor:
        """Return a panner or a balance."""
        return ImmediateProcessor(lambda block: processors.pan(block, signal.sample_rate, params))

    def width(self, signal: Signal, params: WidthParams) -> Processor:
        """Return what changes the width of a stereo signal."""
        return ImmediateProcessor(processors.WidthStream(signal.sample_rate, params).process)

    def reverb(self, signal: Signal, params: ReverbParams, *, after: processors.Sections = ()) -> Processor:
        """Return a reverb without the dry sound, with some biquads after it."""
        return ImmediateProcessor(processors.ReverbStream(signal.sample_rate, params, after=after).process)

    def limiter(self, signal: Signal, params: LimiterParams, *, input_gain_db: float = 0.0) -> Processor:
        """Return a true-peak limiter with a gain before it."""
        return _Limiter(signal, params, input_gain_db)

    def plugin(self, signal: Signal, insert: PluginInsert, replaced: CompressorParams | None) -> Processor:
        """Refuse: this engine hosts no plug-ins."""
        raise PlanError(f"the plan names the plug-in {insert.path}: render it with the engine 'pedalboard'")


class _Limiter:
    """Limits segments of a signal as soon as what surrounds them has come: side by side, one for each thread.

    One of many signals is limited segment after segment, and in shorter ones.
    """

    def __init__(self, signal: Signal, params: LimiterParams, input_gain_db: float) -> None:
        self._limiter = processors.LimiterSegments(
            signal.sample_rate,
            params,
            least_samples=processors.STRIP_SEGMENT_SAMPLES if signal.one_of_many else None,
        )
        self._at_once = 1 if signal.one_of_many else signal.threads
        self._pending = deque(self._limiter.plan(signal.samples))
        self._limited: deque[Audio] = deque()
        self._signal = signal
        self._gain = np.float32(processors.db_to_gain(input_gain_db))
        # What has come, after the gain, and is still needed; reused, as fresh memory costs more than what is done to it.
        self._buffer = np.empty((0, signal.channels), np.float32)
        self._begin = self._end = 0
        self._offset = 0  # of what is still needed, in the buffer

    def process(self, block: Audio) -> Audio:
        """Return the next segment that is finished, if there is one."""
        self._append(block)
        group = min(self._at_once, len(self._pending))
        if group and self._pending[group - 1][3] <= self._end:
            self._limit(group)
        return self._limited.popleft() if self._limited else block[:0]

    def flush(self) -> Audio:
        """Return the next of the segments that are left."""
        if not self._limited and self._pending:
            self._limit(min(self._at_once, len(self._pending)))
        return self._limited.popleft() if self._limited else self._buffer[:0]

    def _append(self, block: Audio) -> None:
        held = self._end - self._begin
        if self._offset + held + len(block) > len(self._buffer):
            kept = self._buffer[self._offset : self._offset + held]
            if held + len(block) > len(self._buffer):
                room = min(self._signal.samples, held + 2 * len(block))
                self._buffer = np.empty((max(room, held + len(block)), self._signal.channels), np.float32)
                self._buffer[:held] = kept
            else:
                self._buffer[:held] = kept.copy()
            self._offset = 0
        start = self._offset + held
        place = self._buffer[start : start + len(block)]
        if self._gain == 1.0:
            place[:] = block
        else:
            np.multiply(block, self._gain, out=place)
        self._end += len(block)

    def _limit(self, count: int) -> None:
        """Limit the next segments, and forget what no later one needs."""
        limit = self._limiter.process_in_turn if self._signal.one_of_many else self._limiter.process

        def limited(first: int, start: int, stop: int, last: int) -> Audio:
            begin = self._offset + first - self._begin
            return limit(self._buffer[begin : begin + last - first], start - first, stop - first)

        segments = [self._pending.popleft() for _ in range(count)]
        self._limited += self._signal.run([partial(limited, *segment) for segment in segments])
        needed = self._pending[0][0] if self._pending else self._end
        self._offset += needed - self._begin
        self._begin = needed
