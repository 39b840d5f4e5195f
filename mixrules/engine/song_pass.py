"""One pass over a song: every stem through its strip, block by block, measured on the way.

The stems of a block are worked on side by side; what is measured are the K-weighted products of all
signals, from which the loudness of any sum of them follows at any faders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mixrules._support.validation import Audio
from mixrules.engine.strip_stream import BLOCK_SAMPLES, DryStream, WetStream, padded
from mixrules.loudness import CrossEnergies, CrossEnergyStream, k_weighting
from mixrules.mixplan import MixPlan

if TYPE_CHECKING:
    from mixrules.engine.strip import StripRenderer


_Job = Callable[[], None]


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

    def render(self, samples: int) -> Audio:
        """Return the next block of the dry stem, shorter at its end."""
        return self._dry.next(samples)

    def measures(self, dry: Audio, samples: int, cross: CrossEnergyStream) -> tuple[list[_Job], list[_Job]]:
        """Return what is to be done to measure a block, its reverbs and the stem; none waits for another."""
        whole = padded(dry, samples) if self._wets else dry
        wets: list[_Job] = [
            partial(self._measure_wet, signal, whole, samples, cross) for signal in self._wets
        ]
        rest = [signal for signal in self.lengths if signal not in self._wets]
        return wets, [partial(cross.weigh, signal, dry, samples) for signal in rest]

    def _measure_wet(self, signal: Signal, dry: Audio, samples: int, cross: CrossEnergyStream) -> None:
        wet = self._wets[signal]
        take = cross.take_weighted if wet.filtered else cross.weigh
        take(signal, wet.next(dry), samples)


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
    block = min(BLOCK_SAMPLES, samples)
    on_disk = not renderer.stems.in_memory
    cross = CrossEnergyStream(renderer.stems.sample_rate, wanted, samples, block, on_disk=on_disk)

    def render(count: int, _: list[Any]) -> list[Callable[[], Audio]]:
        return [partial(strip.render, count) for strip in strips.values()]

    def measure(count: int, dries: list[Audio]) -> list[_Job]:
        jobs = [strip.measures(dry, count, cross) for strip, dry in zip(strips.values(), dries, strict=True)]
        # Reverbs take longest: they begin first, so that no core waits for them.
        return [*chain(*(wets for wets, _ in jobs)), *chain(*(dries for _, dries in jobs))]

    def take(count: int, _: list[Any]) -> list[_Job]:
        cross.turn()
        return [partial(cross.take, count)]

    counts = [min(BLOCK_SAMPLES, samples - start) for start in range(0, samples, BLOCK_SAMPLES)]
    with renderer.workers() as workers:
        workers.run_pipeline(counts, [render, measure, take], max_threads=2 * len(names) + 1)
    return cross.result({signal: strips[signal.stem].lengths[signal] for signal in wanted})
