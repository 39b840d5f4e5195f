"""One pass over a song: every stem through its strip, block by block, measured and summed on the way.

The stems of a block are worked on side by side; what is measured are the K-weighted products of all
signals, from which the loudness of any sum of them follows at any faders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from mixrules.engine.strip_stream import BLOCK_SAMPLES, MixStream
from mixrules.loudness import CrossEnergies, CrossEnergyStream
from mixrules.mixplan import MixPlan
from mixrules.validation import Audio

if TYPE_CHECKING:
    from mixrules.engine.strip import StripRenderer


class Signal(NamedTuple):
    """What a pass can measure of a stem.

    "dry": up to the pan, before the fader. "wet": what the reverb `bus` returns for it at a send of 0 dB,
    before the fader. "mix": as it sits in the mix.
    """

    kind: Literal["dry", "wet", "mix"]
    stem: str
    bus: str = ""


Sink = Callable[[int, int, dict[str, Audio]], None]
"""Takes a place in samples, a length, and that block of every stem as it sits in the mix, by name; a stem
that has ended is shorter, or left out."""


class _Strip:
    """One stem's streams, and what is to be measured of it."""

    def __init__(self, renderer: StripRenderer, plan: MixPlan, name: str, signals: Iterable[Signal]) -> None:
        self._signals = tuple(signals)
        self._mixes = any(signal.kind == "mix" for signal in self._signals)
        asked = {signal.bus for signal in self._signals if signal.kind == "wet"}
        self._stream = stream = MixStream(renderer, plan, name, wets=asked, sends=self._mixes)
        self.mix_samples = stream.samples
        self.lengths = {signal: self._length(signal) for signal in self._signals}
        self.samples = max(self.lengths.values())

    def _length(self, signal: Signal) -> int:
        if signal.kind == "wet":
            return self._stream.wet_streams[signal.bus].samples
        return self._stream.dry_stream.samples if signal.kind == "dry" else self.mix_samples

    def step(self, samples: int, cross: CrossEnergyStream) -> Audio | None:
        """Work on the next block; return the stem as it sits in the mix, if that is asked for."""
        self._stream.advance(samples)
        mixed = self._stream.mixed(samples) if self._mixes else None
        for signal in self._signals:
            if signal.kind == "dry":
                cross.weigh(signal, self._stream.dry, samples)
            elif signal.kind == "wet":
                cross.weigh(signal, self._stream.wets[signal.bus], samples)
            elif mixed is not None:
                cross.weigh(signal, mixed, samples)
        return mixed


def run_pass(
    renderer: StripRenderer, plan: MixPlan, signals: Iterable[Signal], *, sink: Sink | None = None
) -> CrossEnergies:
    """Run every stem that a signal asks for through its strip, and measure the signals.

    Parameters
    ----------
    renderer : StripRenderer
        The song, the engine and the workers.
    plan : MixPlan
        What to render.
    signals : iterable of Signal
        What to measure.
    sink : callable, optional
        Gets the blocks of "mix" signals; it is called while the next block is worked on.

    Returns
    -------
    CrossEnergies
        K-weighted products of the signals.
    """
    wanted = list(signals)
    names = [name for name in renderer.stems.names if any(s.stem == name for s in wanted)]
    strips = {name: _Strip(renderer, plan, name, [s for s in wanted if s.stem == name]) for name in names}
    samples = max(strip.samples for strip in strips.values())
    cross = CrossEnergyStream(renderer.stems.sample_rate, wanted, samples, min(BLOCK_SAMPLES, samples))
    pour: Callable[[], None] = _nothing
    with renderer.workers(len(names)) as workers:
        for start in range(0, samples, BLOCK_SAMPLES):
            count = min(BLOCK_SAMPLES, samples - start)
            jobs = [partial(strip.step, count, cross) for strip in strips.values()]
            _, *mixed = workers.run([pour, *jobs])
            cross.turn()
            blocks = {
                name: block[: strips[name].mix_samples - start]
                for name, block in zip(names, mixed, strict=True)
                if block is not None and start < strips[name].mix_samples
            }
            pour = partial(_pour, cross, sink, start, count, blocks)
        pour()
    return cross.result({signal: strips[signal.stem].lengths[signal] for signal in wanted})


def _nothing() -> None:
    """Have nothing to pour before the first block."""


def _pour(
    cross: CrossEnergyStream, sink: Sink | None, start: int, samples: int, blocks: dict[str, Audio]
) -> None:
    """Take what a block holds, while the next one is worked on."""
    cross.take(samples)
    if sink is not None:
        sink(start, samples, blocks)
