"""The sum of stems as they sit in the mix, block by block.

A reverb is linear and the same for all that is sent to it: it gets the sum of the sends once, as a bus does
on a desk, and not every stem by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.engine.chain import parts_in_mix
from mixrules.engine.source import BLOCK_SAMPLES, SharedSource, Source
from mixrules.engine.strip import Keep, mix_samples, open_reverb, open_strip
from mixrules.errors import ParameterError
from mixrules.mixplan import MixPlan
from mixrules.processors import mix_into

if TYPE_CHECKING:
    from mixrules.engine.renderer import Renderer


class SumStream:
    """The sum of some stems under a plan, from the start on.

    A block is made in two steps, so that the next one can begin while the last is added up: `tasks`, which do
    not depend on one another, and `add_up`.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine and the chain.
    plan : MixPlan
        What to render.
    names : sequence of str
        The stems; muted ones count for the length alone.
    keep : Keep
        What becomes of the stems as they leave their limiters.

    Attributes
    ----------
    samples : int
        Length of the sum, tails included.
    """

    def __init__(
        self, renderer: Renderer, plan: MixPlan, names: Sequence[str], *, keep: Keep = Keep.NOTHING
    ) -> None:
        if not names:
            raise ParameterError("a sum of stems needs at least one stem")
        self.samples = max(mix_samples(renderer, plan, name) for name in names)
        self._stems: list[tuple[Source, float]] = []
        sends: dict[str, list[tuple[Source, float]]] = {}
        keys: dict[str, list[Any]] = {}
        for name in names:
            strip = plan.stem(name)
            parts = parts_in_mix(strip)
            if not parts:
                continue
            shared = SharedSource(open_strip(renderer, plan, name, keep=keep))
            for bus, gain_db in parts:
                if bus:
                    sends.setdefault(bus, []).append((shared.reader(), gain_db))
                    keys.setdefault(bus, []).append((name, renderer.chain.pre_send_key(strip), gain_db))
                else:
                    self._stems.append((shared.reader(), gain_db))
        self._returns = [
            open_reverb(renderer, plan, bus, _Bus(inputs), ("sum",), tuple(keys[bus]))
            for bus, inputs in sends.items()
        ]

    def tasks(self, count: int) -> list[Callable[[], Audio]]:
        """Return what is to be done for the next `count` samples; the results go into `add_up`."""
        return [partial(source.next, count) for source, _ in self._stems]

    def add_up(self, blocks: Sequence[Audio], count: int) -> Audio:
        """Return the sum of what `tasks` returned for a block, reverbs included, shape (count, 2)."""
        total = np.zeros((count, 2), np.float32)
        for (_, gain_db), block in zip(self._stems, blocks, strict=True):
            mix_into(total, np.ascontiguousarray(block), gain_db)
        for returned in self._returns:
            mix_into(total, np.ascontiguousarray(returned.next(count)), 0.0)
        return total


class _Bus:
    """The sum of what is sent to a bus."""

    channels = 2

    def __init__(self, sends: Sequence[tuple[Source, float]]) -> None:
        self._sends = sends
        self._position = 0
        self.samples = max(source.samples for source, _ in sends)

    def next(self, count: int) -> Audio:
        start, self._position = self._position, min(self._position + count, self.samples)
        total = np.zeros((self._position - start, 2), np.float32)
        for source, level_db in self._sends:
            mix_into(total, np.ascontiguousarray(source.next(count)), level_db)
        return total


class SumAudio(SlicedAudio):
    """The sum of some stems as they sit in the mix, read in slices from the start on.

    The latest samples stay for a while, so that slices may overlap; one from further back starts anew.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine and the chain.
    plan : MixPlan
        What to render.
    names : sequence of str
        The stems.
    """

    def __init__(self, renderer: Renderer, plan: MixPlan, names: Sequence[str]) -> None:
        self._open = partial(SumStream, renderer, plan, tuple(names))
        super().__init__(self._open().samples, 2)
        self._stream: SumStream
        self._window: Audio
        self._begin = self._end = 0
        self._restart()

    def __getitem__(self, samples: slice) -> Audio:
        """Return the samples of a slice, shape (samples, 2)."""
        start, stop, _ = samples.indices(len(self))
        if start < self._begin:
            self._restart()
        if self._end < stop:
            parts, begin, end = [self._window], self._begin, self._end
            self._begin = len(self)  # should this not come to its end, the next slice starts anew
            while end < stop:
                count = min(BLOCK_SAMPLES, len(self) - end)
                parts.append(self._stream.add_up([task() for task in self._stream.tasks(count)], count))
                end += count
                while len(parts) > 1 and begin + len(parts[0]) <= start:
                    begin += len(parts.pop(0))
            cut = max(0, min(start - begin, len(parts[0])))
            self._window = np.concatenate([parts[0][cut:], *parts[1:]])
            self._begin, self._end = begin + cut, end
        return self._window[start - self._begin : stop - self._begin]

    def _restart(self) -> None:
        self._stream = self._open()
        self._begin = self._end = 0
        self._window = np.zeros((0, 2), np.float32)
