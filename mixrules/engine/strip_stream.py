"""A channel strip in blocks: one stem through input gain, equaliser, compressor and pan, and its reverbs.

An engine that works in blocks keeps the state of every processor between them, so that a song of any
length costs the memory of a block. What only works on whole signals (pedalboard, plug-ins) is rendered
whole and handed out in blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from mixrules._support.validation import Audio
from mixrules.errors import ParameterError
from mixrules.mixplan import MixPlan
from mixrules.processors import (
    REVERB_BLOCK_SAMPLES,
    ReverbStream,
    Sections,
    db_to_gain,
    impulse_response,
    mix_into,
)

if TYPE_CHECKING:
    from mixrules.engine.strip import StripRenderer

BLOCK_SAMPLES = REVERB_BLOCK_SAMPLES
"""Blocks are as long as a reverb wants them: 3 s at 44.1 kHz."""
SCAN_SAMPLES = 1 << 19
"""Longer ones suit what only measures a stem: the meter filters distant stretches side by side."""

_DRY_STAGES = ("input", "equalizer", "compressor", "pan")


class DryStream:
    """One stem through the dry stages of its strip, block by block from the start.

    Parameters
    ----------
    renderer : StripRenderer
        The song and the engine.
    plan : MixPlan
        Whose strip it is.
    name : str
        The stem.
    through : {"input", "equalizer", "compressor", "pan"}
        The last stage.
    """

    def __init__(self, renderer: StripRenderer, plan: MixPlan, name: str, *, through: str = "pan") -> None:
        self._stem = renderer.stems[name]
        self._place = 0
        self._whole: Audio | None = None
        self._stages: list[Callable[[Audio], Audio]] = []
        strip = plan.stem(name)
        last = _DRY_STAGES.index(through)
        self._pans = last >= 3
        engine, rate = renderer.engine, renderer.stems.sample_rate
        if engine.blocks is None or strip.plugins:
            self._whole = renderer.stem(plan, name, through=through)
            return
        if strip.input_gain_db != 0.0:
            factor = np.float32(db_to_gain(strip.input_gain_db))
            self._stages.append(lambda block: block * factor)
        stage = "equalizer"
        try:
            if last >= 1 and strip.equalizer.bands:
                self._stages.append(engine.blocks.equalizer(rate, self._stem.channels, strip.equalizer))
            stage = "compressor"
            if last >= 2 and strip.compressor is not None:
                self._stages.append(engine.blocks.compressor(rate, strip.compressor))
        except ParameterError as error:
            raise ParameterError(f"stem {name}, {stage}: {error}") from None
        if last >= 3 and (self._stem.channels == 1 or strip.pan.pan != 0.0):
            self._stages.append(lambda block: engine.pan(block, rate, strip.pan))

    @property
    def acts(self) -> bool:
        """Whether anything is done to the stem."""
        return bool(self._stages) or self._whole is not None

    @property
    def samples(self) -> int:
        """How many samples come in all."""
        return self._stem.samples if self._whole is None else len(self._whole)

    def next(self, count: int = BLOCK_SAMPLES) -> Audio:
        """Return the next samples, fewer at the end and then none; not to be written to."""
        start, stop = self._place, min(self._place + count, self.samples)
        self._place = stop
        if self._whole is not None:
            return self._whole[start:stop]
        if start == stop:
            return np.zeros((0, 2 if self._pans else self._stem.channels), np.float32)
        block: Audio = self._stem.read(start, stop)
        for process in self._stages:
            block = process(block)
        return block

    def blocks(self, count: int = BLOCK_SAMPLES) -> Iterator[Audio]:
        """Yield what is left in blocks."""
        while len(block := self.next(count)):
            yield block


class WetStream:
    """What one reverb returns for a stem at a send of 0 dB, block by block beside its `DryStream`.

    Parameters
    ----------
    renderer, plan, name, bus
        Whose strip it is, and which reverb.
    dry : DryStream
        The stem before the reverb.
    after : tuple of (b0, b1, b2, a1, a2)
        Biquads after the reverb; an engine that works on whole signals leaves them out.

    Attributes
    ----------
    samples : int
        How many samples come in all.
    filtered : bool
        Whether `after` is in what comes.
    """

    def __init__(
        self,
        renderer: StripRenderer,
        plan: MixPlan,
        name: str,
        bus: str,
        dry: DryStream,
        *,
        after: Sections = (),
    ) -> None:
        self._place = 0
        self._whole: Audio | None = None
        self.filtered = False
        if renderer.engine.blocks is None or plan.stem(name).plugins:
            self._whole = renderer.wet(plan, name, bus)
            self.samples = len(self._whole)
            return
        self._stream = open_reverb(renderer, plan, bus, after=after)
        self.filtered = bool(after)
        self.samples = dry.samples + self._stream.tail_samples

    def next(self, dry: Audio) -> Audio:
        """Return the reverb during the next block; `dry` is that block of the stem, zeros after its end."""
        start, stop = self._place, min(self._place + len(dry), self.samples)
        self._place = stop
        if self._whole is not None:
            return self._whole[start:stop]
        return self._stream.process(dry)[: stop - start] if stop > start else dry[:0]


class MixStream:
    """One stem as it sits in the mix, block by block: dry and reverb, scaled by the fader.

    Parameters
    ----------
    renderer : StripRenderer
        The song and the engine.
    plan : MixPlan
        Whose strip it is.
    name : str
        The stem.
    fader : bool
        Whether the fader counts.

    Attributes
    ----------
    samples : int
        Length of the stem in the mix, its tail included.
    """

    def __init__(self, renderer: StripRenderer, plan: MixPlan, name: str, *, fader: bool = True) -> None:
        strip = plan.stem(name)
        self._dry = dry = DryStream(renderer, plan, name)
        self._mute = strip.mute
        self._sends = () if strip.mute else strip.sends
        self._wets = {send.to: WetStream(renderer, plan, name, send.to, dry) for send in self._sends}
        self._fader_db = strip.gain_db if fader else 0.0
        self.samples = max([dry.samples, *(wet.samples for wet in self._wets.values())])

    def next(self, count: int) -> Audio:
        """Return the next `count` samples, zeros after the end."""
        total = np.zeros((count, 2), np.float32)
        if self._mute:
            return total
        dry = self._dry.next(count)
        mix_into(total, np.ascontiguousarray(dry), self._fader_db)
        whole = padded(dry, count) if self._wets else dry
        for send in self._sends:
            wet = self._wets[send.to].next(whole)
            mix_into(total, np.ascontiguousarray(wet), send.level_db + self._fader_db)
        return total

    def __iter__(self) -> Iterator[Audio]:
        for start in range(0, self.samples, BLOCK_SAMPLES):
            yield self.next(min(BLOCK_SAMPLES, self.samples - start))


def mix_samples(renderer: StripRenderer, plan: MixPlan, name: str) -> int:
    """Return how long a stem is as it sits in the mix, its tail included."""
    strip = plan.stem(name)
    if renderer.engine.blocks is None or strip.plugins:
        return MixStream(renderer, plan, name).samples
    sends = () if strip.mute else strip.sends
    rate = renderer.stems.sample_rate
    tails = [len(impulse_response(rate, plan.reverb(send.to))) - 1 for send in sends]
    return renderer.stems[name].samples + max(tails, default=0)


def open_reverb(renderer: StripRenderer, plan: MixPlan, bus: str, *, after: Sections = ()) -> ReverbStream:
    """Return the reverb of a bus for audio in blocks, with some biquads after it.

    Raises
    ------
    ParameterError
        If its settings cannot be met at this sample rate.
    """
    assert renderer.engine.blocks is not None
    try:
        return renderer.engine.blocks.reverb(renderer.stems.sample_rate, plan.reverb(bus), after=after)
    except ParameterError as error:
        raise ParameterError(f"reverb {bus}: {error}") from None


def padded(block: Audio, samples: int) -> Audio:
    """Return a stereo block with zeros up to a length; the very block where it has that length."""
    if len(block) == samples:
        return block
    longer = np.zeros((samples, 2), np.float32)
    longer[: len(block)] = block
    return longer
