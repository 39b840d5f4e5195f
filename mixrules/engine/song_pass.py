"""One pass over a song: every stem through its strip, block by block, measured on the way.

The stems of a block are worked on side by side; what is measured are the K-weighted products of all
signals, from which the loudness of any sum of them follows at any faders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from mixrules.engine.strip_stream import BLOCK_SAMPLES, DryStream, WetStream, padded
from mixrules.loudness import CrossEnergies, CrossEnergyStream, k_weighting
from mixrules.mixplan import MixPlan

if TYPE_CHECKING:
    from mixrules.engine.strip import StripRenderer


class Signal(NamedTuple):
    """What a pass can measure of a stem.

    "dry": up to the pan, before the fader. "wet": what the reverb `bus` returns for it at a send of 0 dB,
    before the fader.
    """

    kind: Literal["dry", "wet"]
    stem: str
    bus: str = ""


class _Strip:
    """One stem's streams, and what is to be measured of it."""

    def __init__(self, renderer: StripRenderer, plan: MixPlan, name: str, signals: Iterable[Signal]) -> None:
        self._dry = dry = DryStream(renderer, plan, name)
        self._wets: dict[Signal, WetStream] = {}
        self.lengths: dict[Signal, int] = {}
        for signal in signals:
            if signal.kind == "wet":
                # Filters after a room cost nothing: the wet signals come K-weighted.
                weighting = k_weighting(renderer.stems.sample_rate).sections
                self._wets[signal] = WetStream(renderer, plan, name, signal.bus, dry, after=weighting)
                self.lengths[signal] = self._wets[signal].samples
            else:
                self.lengths[signal] = dry.samples
        self.samples = max(self.lengths.values())

    def step(self, samples: int, cross: CrossEnergyStream) -> None:
        """Work on the next block."""
        dry = self._dry.next(samples)
        whole = padded(dry, samples) if self._wets else dry
        for signal in self.lengths:
            if signal not in self._wets:
                cross.weigh(signal, dry, samples)
                continue
            wet = self._wets[signal]
            take = cross.take_weighted if wet.filtered else cross.weigh
            take(signal, wet.next(whole), samples)


def run_pass(renderer: StripRenderer, plan: MixPlan, signals: Iterable[Signal]) -> CrossEnergies:
    """Run every stem that a signal asks for through its strip, and measure the signals.

    Parameters
    ----------
    renderer : StripRenderer
        The song, the engine and the workers.
    plan : MixPlan
        What to render.
    signals : iterable of Signal
        What to measure.

    Returns
    -------
    CrossEnergies
        K-weighted products of the signals.
    """
    wanted = list(dict.fromkeys(signals))
    names = [name for name in renderer.stems.names if any(s.stem == name for s in wanted)]
    strips = {name: _Strip(renderer, plan, name, [s for s in wanted if s.stem == name]) for name in names}
    samples = max(strip.samples for strip in strips.values())
    cross = CrossEnergyStream(renderer.stems.sample_rate, wanted, samples, min(BLOCK_SAMPLES, samples))
    # Products, of many signals, and stems with reverbs take longest: they begin first, so that no core waits for them.
    heaviest_first = sorted(strips.values(), key=lambda strip: -len(strip.lengths))
    take: Callable[[], None] = _nothing
    with renderer.workers(len(names)) as workers:
        for start in range(0, samples, BLOCK_SAMPLES):
            count = min(BLOCK_SAMPLES, samples - start)
            # The products of a block are taken while the next one is worked on.
            workers.run([take, *(partial(strip.step, count, cross) for strip in heaviest_first)])
            cross.turn()
            take = partial(cross.take, count)
        take()
    return cross.result({signal: strips[signal.stem].lengths[signal] for signal in wanted})


def _nothing() -> None:
    """Have nothing to take before the first block."""
