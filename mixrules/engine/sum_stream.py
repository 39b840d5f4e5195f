"""The sum of stems as they sit in the mix, block by block.

A reverb is linear and the same for all that is sent to it: it hears the sum of the sends once, as a bus does
on a desk, and not every stem by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.engine.strip_stream import BLOCK_SAMPLES, DryStream, MixStream, mix_samples, open_reverb
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.processors import ReverbStream, mix_into

if TYPE_CHECKING:
    from mixrules.engine.strip import StripRenderer


class SumStream:
    """The sum of some stems under a plan, from the start on.

    A block is made in two steps, so that the next one can begin while the last is added up: `jobs`, which do
    not depend on one another, and `add_up`.

    Parameters
    ----------
    renderer : StripRenderer
        The song and the engine.
    plan : MixPlan
        What to render.
    names : sequence of str
        The stems; muted ones count for the length alone.

    Attributes
    ----------
    samples : int
        Length of the sum, tails included.
    """

    def __init__(self, renderer: StripRenderer, plan: MixPlan, names: Sequence[str]) -> None:
        self.samples = max(mix_samples(renderer, plan, name) for name in names)
        strips = [plan.stem(name) for name in names if not plan.stem(name).mute]
        self._channels = [_channel(renderer, plan, strip) for strip in strips]
        buses = dict.fromkeys(send.to for channel in self._channels for send in channel.sends)
        self._reverbs: dict[str, ReverbStream] = {bus: open_reverb(renderer, plan, bus) for bus in buses}

    def jobs(self, count: int) -> list[Callable[[], Audio]]:
        """Return what is to be done for the next `count` samples; the results go into `add_up`."""
        return [partial(channel.step, count) for channel in self._channels]

    def add_up(self, blocks: Sequence[Audio], count: int) -> Audio:
        """Return the sum of what `jobs` returned for a block, reverbs included, shape (count, 2)."""
        total = np.zeros((count, 2), np.float32)
        for channel, block in zip(self._channels, blocks, strict=True):
            mix_into(total, block, channel.fader_db)
        for bus, reverb in self._reverbs.items():
            heard = np.zeros((count, 2), np.float32)
            for channel, block in zip(self._channels, blocks, strict=True):
                for send in channel.sends:
                    if send.to == bus:
                        mix_into(heard, block, send.level_db + channel.fader_db)
            mix_into(total, reverb.process(heard), 0.0)
        return total


class _Channel:
    """One stem of a sum, up to its fader."""

    def __init__(self, dry: DryStream, strip: StemPlan) -> None:
        self._dry = dry
        self.fader_db = strip.gain_db
        self.sends = strip.sends

    def step(self, count: int) -> Audio:
        """Return the next block, shorter at the end."""
        return np.ascontiguousarray(self._dry.next(count))


class _FinishedChannel:
    """One stem of an engine that works on whole signals: its reverbs are its own, its fader is set."""

    fader_db = 0.0
    sends = ()

    def __init__(self, stream: MixStream) -> None:
        self._stream = stream

    def step(self, count: int) -> Audio:
        """Return the next block."""
        return self._stream.next(count)


def _channel(renderer: StripRenderer, plan: MixPlan, strip: StemPlan) -> _Channel | _FinishedChannel:
    if renderer.engine.blocks is None:
        return _FinishedChannel(MixStream(renderer, plan, strip.name))
    return _Channel(DryStream(renderer, plan, strip.name), strip)


class SumAudio(SlicedAudio):
    """The sum of some stems as they sit in the mix, read in slices from the start on.

    What was read stays for a while, so that slices may overlap; one from further back starts anew.

    Parameters
    ----------
    renderer : StripRenderer
        The song and the engine.
    plan : MixPlan
        What to render.
    names : sequence of str
        The stems.
    """

    def __init__(self, renderer: StripRenderer, plan: MixPlan, names: Sequence[str]) -> None:
        self._make = partial(SumStream, renderer, plan, tuple(names))
        self._stream = self._make()
        super().__init__(self._stream.samples, 2)
        self._begin = self._end = 0
        self._window: Audio = np.zeros((0, 2), np.float32)

    def __getitem__(self, place: slice) -> Audio:
        """Return the samples of a slice, shape (samples, 2)."""
        start, stop, _ = place.indices(len(self))
        if start < self._begin:
            self._stream, self._begin, self._end, self._window = self._make(), 0, 0, self._window[:0]
        if self._end < stop:
            parts = [self._window[max(0, start - self._begin) :]]
            self._begin = self._end - len(parts[0])
            while self._end < stop:
                count = min(BLOCK_SAMPLES, len(self) - self._end)
                parts.append(self._stream.add_up([job() for job in self._stream.jobs(count)], count))
                self._end += count
            self._window = np.concatenate(parts)
        return self._window[start - self._begin : stop - self._begin]
