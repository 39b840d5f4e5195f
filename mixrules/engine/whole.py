"""Engines and plug-ins that need the whole signal at once, behind the interface of those that stream.

What such a processor made of a signal is cached with the settings of everything before it: rules decide
one after the other, and the render that follows asks for the same again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine.base import Signal


class WholeProcessor:
    """A processor that collects its signal and processes all of it when the last block has come.

    Parameters
    ----------
    signal : Signal
        What it is prepared for.
    function : callable
        Takes the signal, shape (samples, channels), and returns as many samples.
    """

    def __init__(self, signal: Signal, function: Callable[[Audio], Audio]) -> None:
        self._signal = signal
        self._function = function
        self._blocks: list[Audio] = []

    def process(self, block: Audio) -> Audio:
        """Collect a block; nothing comes out yet."""
        self._blocks.append(block)
        return block[:0]

    def flush(self) -> Audio:
        """Return the processed signal, once."""
        if not self._blocks:
            return np.zeros((0, self._signal.channels), np.float32)
        blocks, self._blocks = self._blocks, []
        return self._signal.cached(lambda: self._function(np.concatenate(blocks)))


class SignalCache:
    """The latest processed signal at each point of the chain, with the settings that made it."""

    def __init__(self) -> None:
        self._signals: dict[Any, tuple[Any, Audio]] = {}

    def at(self, point: Any, key: Any) -> Callable[[Callable[[], Audio]], Audio]:
        """Return what caches at a point of the chain, for `Signal.cached`.

        Parameters
        ----------
        point : hashable
            Where: stem or bus, stage, and number of the processor in it.
        key : object
            The settings of all that comes before and of the stage itself; compared by ``==``.
        """
        return partial(self._cached, point, key)

    def _cached(self, point: Any, key: Any, make: Callable[[], Audio]) -> Audio:
        known = self._signals.get(point)
        if known is None or known[0] != key:
            known = self._signals[point] = (key, make())
        return known[1]
