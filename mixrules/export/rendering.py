"""What of a plan becomes audio in a project: stems through the first stages of their strips, and what reverbs return."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine import Renderer, parts_in_mix
from mixrules.engine.source import Source
from mixrules.engine.strip import open_reverb, open_strip
from mixrules.mixplan import MixPlan
from mixrules.processors import mix_into

_BLOCK_SAMPLES = 1 << 17


def stem_source(renderer: Renderer, plan: MixPlan, name: str, through: str) -> Source:
    """Return a stem after a stage of its strip; the stem as it is where no stage is named."""
    stages = renderer.chain.strip_through(through) if through else ()
    return open_strip(renderer, plan, name, stages)


def return_source(renderer: Renderer, plan: MixPlan, bus: str) -> Source | None:
    """Return what a reverb returns for all stems that are sent to it, as loud as in the mix; None if none is.

    The reverb is linear: the sum of what is sent to it goes through it once.
    """
    sent = {
        strip.name: part.gain_db for strip in plan.stems for part in parts_in_mix(strip) if part.bus == bus
    }
    if not sent:
        return None
    sources = [(open_strip(renderer, plan, name), gain_db) for name, gain_db in sent.items()]
    return open_reverb(renderer, plan, bus, _Sum(sources), ("project", "return"), (bus, tuple(sent.items())))


def blocks_of(source: Source) -> Iterator[Audio]:
    """Yield a source in blocks."""
    while len(block := source.next(_BLOCK_SAMPLES)):
        yield block


class _Sum:
    """Stereo sources added up, each at a gain in dB."""

    channels = 2

    def __init__(self, sources: list[tuple[Source, float]]) -> None:
        self._sources = sources
        self._position = 0
        self.samples = max(source.samples for source, _ in sources)

    def next(self, count: int) -> Audio:
        """Return the next samples."""
        start, self._position = self._position, min(self._position + count, self.samples)
        total = np.zeros((self._position - start, 2), np.float32)
        for source, gain_db in self._sources:
            mix_into(total, np.ascontiguousarray(source.next(len(total))), gain_db)
        return total
