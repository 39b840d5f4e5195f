"""The channel strip: a stem through the stages before its sends, what reverbs return for it, and it in the mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine.chain import Stages, Tap, open_stages, parts_in_mix
from mixrules.engine.kept_signals import KeepingSource, KeptSource
from mixrules.engine.source import (
    BLOCK_SAMPLES,
    PaddedSource,
    ProcessedSource,
    SharedSource,
    Source,
    StemSource,
    TappedSource,
)
from mixrules.errors import ParameterError
from mixrules.mixplan import MixPlan
from mixrules.processors import Sections, impulse_response, mix_into

if TYPE_CHECKING:
    from mixrules.engine.renderer import Renderer


_KEPT_AFTER = "limiter"


class Keep(Enum):
    """What becomes of a stem as it leaves its limiter, where there is memory for it (`KeptSignals`)."""

    NOTHING = "nothing"
    """What is kept already is read, and stays."""

    FOR_LATER = "for later"
    """It is kept for the next pass."""

    NO_LONGER = "no longer"
    """What is kept is read for the last time."""


def open_strip(
    renderer: Renderer,
    plan: MixPlan,
    name: str,
    stages: Stages | None = None,
    *,
    taps: Sequence[Tap] = (),
    keep: Keep = Keep.NOTHING,
) -> Source:
    """Return a stem through stages of its strip, by default all of those before the sends.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine and the chain.
    plan : MixPlan
        Whose strip it is.
    name : str
        The stem.
    stages : tuple of Stage, optional
        The first stages of the chain's strip.
    taps : sequence of Tap
        Who is shown the signal after which of them.
    keep : Keep
        What becomes of the stem as it leaves its limiter.

    Returns
    -------
    Source

    Raises
    ------
    ParameterError
        If a stage's settings cannot be met at this sample rate; names stem and stage.
    """
    stages = renderer.chain.strip if stages is None else stages
    strip, stem, kept = plan.stem(name), renderer.stems[name], renderer.kept
    opened = partial(open_stages, renderer, plan=strip, owner=f"stem {name}", point=(name,), taps=taps)
    first = renderer.chain.strip_through(_KEPT_AFTER)
    key = renderer.chain.active_key(first, renderer.engine, strip, stem.channels)
    earlier = {stage.name for stage in first[:-1]}
    if (
        kept is None
        or name not in kept.channels
        or not key
        or stages[: len(first)] != first
        or any(tap.stage in earlier for tap in taps)
    ):
        return opened(stages, source=StemSource(stem))
    chunks = kept.chunks(name, key, last=keep is Keep.NO_LONGER)
    if chunks is not None:
        source: Source = KeptSource(chunks, stem.samples, stem.channels)
        updates = [update for tap in taps if tap.stage == _KEPT_AFTER for update in tap.updates]
        source = TappedSource(source, updates) if updates else source
    else:
        source = opened(first, source=StemSource(stem))
        source = KeepingSource(kept, name, key, source) if keep is Keep.FOR_LATER else source
    before = tuple(stage.key(strip) for stage in first)
    return opened(stages[len(first) :], source=source, key=before)


def open_reverb(
    renderer: Renderer, plan: MixPlan, bus: str, source: Source, point: Any, key: Any, *, after: Sections = ()
) -> Source:
    """Return what a reverb bus returns for a stereo source at a send of 0 dB, with its tail.

    Parameters
    ----------
    renderer, plan, bus
        Which reverb.
    source : Source
        What is sent to it.
    point, key
        Where the source is in the chain, and the settings that made it, for `SignalCache.at`.
    after : tuple of (b0, b1, b2, a1, a2)
        Biquads after the reverb.

    Raises
    ------
    ParameterError
        If the reverb's settings cannot be met at this sample rate; names the bus.
    """
    try:
        with_tail = PaddedSource(source, source.samples + tail_samples(renderer, plan, bus))
        signal = renderer.signal(with_tail, (*point, bus), (*key, plan.reverb(bus)))
        reverb = renderer.engine.reverb(signal, plan.reverb(bus), after=after)
    except ParameterError as error:
        raise ParameterError(f"reverb {bus}: {error}") from None
    return ProcessedSource(with_tail, reverb, 2, block_samples=BLOCK_SAMPLES)


def tail_samples(renderer: Renderer, plan: MixPlan, bus: str) -> int:
    """Return for how many samples a reverb bus sounds on after its input."""
    return len(impulse_response(renderer.stems.sample_rate, plan.reverb(bus))) - 1


class StripSources:
    """A stem after the stages before its sends, and what reverbs return for it: read in step, the stem made once.

    Parameters
    ----------
    renderer, plan, name
        Whose strip it is.
    buses : iterable of str
        The reverbs.
    after : tuple of (b0, b1, b2, a1, a2)
        Biquads after each reverb.
    taps : sequence of Tap
        Who is shown the signal after which of the strip's stages.
    keep : Keep
        What becomes of the stem as it leaves its limiter.

    Attributes
    ----------
    dry : Source
        The stem; two channels.
    returns : dict of str to Source
        By bus, at a send of 0 dB, each with its tail.
    """

    def __init__(
        self,
        renderer: Renderer,
        plan: MixPlan,
        name: str,
        buses: tuple[str, ...],
        *,
        after: Sections = (),
        taps: Sequence[Tap] = (),
        keep: Keep = Keep.NOTHING,
    ) -> None:
        shared = SharedSource(open_strip(renderer, plan, name, taps=taps, keep=keep))
        key = (renderer.chain.pre_send_key(plan.stem(name)),)
        self.dry = shared.reader()
        self.returns = {
            bus: open_reverb(renderer, plan, bus, shared.reader(), (name, "return"), key, after=after)
            for bus in buses
        }


class StemInMix:
    """One stem as it sits in the mix, two channels: dry and its reverbs, scaled by the fader.

    Parameters
    ----------
    renderer, plan, name
        Whose strip it is.
    fader : bool
        Whether the fader counts.
    taps : sequence of Tap
        Who is shown the signal after which of the strip's stages; nobody where the stem is muted.
    """

    channels = 2

    def __init__(
        self, renderer: Renderer, plan: MixPlan, name: str, *, fader: bool = True, taps: Sequence[Tap] = ()
    ) -> None:
        self._parts = parts_in_mix(plan.stem(name), fader_db=None if fader else 0.0)
        self._sources: dict[str, Source] = {}
        if self._parts:
            buses = tuple(part.bus for part in self._parts if part.bus)
            sources = StripSources(renderer, plan, name, buses, taps=taps)
            self._sources = {"": sources.dry, **sources.returns}
        self._position = 0
        self.samples = mix_samples(renderer, plan, name)

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        start, self._position = self._position, min(self._position + count, self.samples)
        total = np.zeros((self._position - start, 2), np.float32)
        for bus, gain_db in self._parts:
            mix_into(total, np.ascontiguousarray(self._sources[bus].next(count)), gain_db)
        return total

    def __iter__(self) -> Iterator[Audio]:
        while len(block := self.next(BLOCK_SAMPLES)):
            yield block


def mix_samples(renderer: Renderer, plan: MixPlan, name: str) -> int:
    """Return how long a stem is as it sits in the mix, its reverbs' tails included."""
    parts = parts_in_mix(plan.stem(name))
    tails = [tail_samples(renderer, plan, part.bus) for part in parts if part.bus]
    return renderer.stems[name].samples + max(tails, default=0)
