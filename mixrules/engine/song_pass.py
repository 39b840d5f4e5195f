"""One pass over a song: every stem through its strip, block by block, measured on the way.

The stems of a block are worked on side by side; what is measured are the K-weighted products of all
signals, from which the loudness of any sum of them follows at any faders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mixrules._support.validation import Audio
from mixrules.engine.chain import Tap
from mixrules.engine.source import BLOCK_SAMPLES, Source
from mixrules.engine.strip import Keep, StripSources
from mixrules.loudness import CrossEnergies, CrossEnergyStream, MakeTable, k_weighting
from mixrules.mixplan import MixPlan

if TYPE_CHECKING:
    from mixrules.engine.renderer import Renderer


class StemSignal(NamedTuple):
    """What a pass can measure of a stem, before the fader.

    "dry": the stem after the stages before its sends. "return": what the reverb `bus` returns for it at a send
    of 0 dB.
    """

    kind: Literal["dry", "return"]
    stem: str
    bus: str = ""


def run_pass(
    renderer: Renderer,
    plan: MixPlan,
    signals: Iterable[StemSignal],
    *,
    make_table: MakeTable | None,
    taps: Mapping[str, Sequence[Tap]] | None = None,
) -> CrossEnergies:
    """Run every stem that a signal asks for through its strip, and measure the signals.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine, the chain and the threads.
    plan : MixPlan
        What to render.
    signals : iterable of StemSignal
        What to measure.
    make_table : callable or None
        Makes the table that keeps the products; None: in memory.
    taps : mapping of str to sequence of Tap, optional
        By stem: who is shown its signal on the way.

    Returns
    -------
    CrossEnergies
        K-weighted products of the signals.
    """
    measured = list(dict.fromkeys(signals))
    names = [name for name in renderer.stems.names if any(s.stem == name for s in measured)]
    # Filters after a reverb cost nothing: the returns come K-weighted.
    weighting = k_weighting(renderer.stems.sample_rate).sections
    dry: dict[StemSignal, Source] = {}
    returns: dict[StemSignal, Source] = {}
    stems: list[Source] = []
    for name in names:
        own = [signal for signal in measured if signal.stem == name]
        buses = tuple(signal.bus for signal in own if signal.kind == "return")
        sources = StripSources(
            renderer,
            plan,
            name,
            buses,
            after=weighting,
            taps=(taps or {}).get(name, ()),
            keep=Keep.FOR_LATER,
        )
        stems.append(sources.dry)
        for signal in own:
            if signal.kind == "return":
                returns[signal] = sources.returns[signal.bus]
            else:
                dry[signal] = sources.dry
    samples = max(source.samples for source in (*dry.values(), *returns.values()))
    products = CrossEnergyStream(
        renderer.stems.sample_rate, measured, samples, min(BLOCK_SAMPLES, samples), make_table=make_table
    )

    def render(count: int, _: list[Any]) -> list[Callable[[], Audio]]:
        return [partial(source.next, count) for source in stems]

    def measure(count: int, blocks: list[Audio]) -> list[Callable[[], None]]:
        block_of = dict(zip(names, blocks, strict=True))
        # Reverbs take longest: they begin first, so that no core waits for them.
        return [
            *(partial(add_return, signal, count) for signal in returns),
            *(partial(products.add, signal, block_of[signal.stem], count) for signal in dry),
        ]

    def add_return(signal: StemSignal, count: int) -> None:
        products.add_weighted(signal, returns[signal].next(count), count)

    def accumulate(count: int, _: list[Any]) -> list[Callable[[], None]]:
        products.next_block()
        return [partial(products.accumulate, count)]

    counts = [min(BLOCK_SAMPLES, samples - start) for start in range(0, samples, BLOCK_SAMPLES)]
    with renderer.thread_pool() as pool:
        pool.run_pipeline(counts, [render, measure, accumulate], max_threads=2 * len(names) + 1)
    return products.result({signal: source.samples for signal, source in (dry | returns).items()})
