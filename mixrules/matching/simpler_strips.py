"""Strips that do the same with less: what does nothing, and bands that fewer can replace, are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mixrules._support.cores import in_threads
from mixrules._support.validation import Audio
from mixrules.matching.excerpts import Excerpt
from mixrules.matching.linear_strips import LinearStrip
from mixrules.matching.strip import Strip
from mixrules.processors import gain_to_db


class StripTrials:
    """Tries other strips in the place of those that were found.

    Parameters
    ----------
    excerpts : sequence of Excerpt
        What is compared.
    strips : sequence of Strip
        The strips as they were found.
    sample_rate : int
        Hz.
    may_cost : float
        The share of what is unexplained by which another strip may raise it.
    known : sequence of ndarray, optional
        What else is in the mix in each excerpt, lead-in left out, shape (samples, 2).
    threads : int
        How many excerpts to work on at once; the result is the same.

    Attributes
    ----------
    strips : list of Strip
        The strips with those that were taken.
    """

    def __init__(
        self,
        excerpts: Sequence[Excerpt],
        strips: Sequence[Strip],
        sample_rate: int,
        *,
        may_cost: float,
        known: Sequence[Audio] | None = None,
        threads: int = 1,
    ) -> None:
        self.strips = list(strips)
        self._excerpts, self._rate, self._may_cost, self._threads = excerpts, sample_rate, may_cost, threads

        def left_in(each: int) -> Audio:
            left = excerpts[each].target(None if known is None else known[each])
            for number, strip in enumerate(strips):
                left -= self._part(number, strip, excerpts[each])
            return left

        self._left = in_threads(left_in, range(len(excerpts)), threads)
        self._power = _power(self._left)

    def take(self, number: int, strip: Strip) -> bool:
        """Take another strip of a stem, at the level at which it leaves least, if that costs no more than it may."""

        def tried(each: int) -> tuple[Audio, Audio]:
            excerpt = self._excerpts[each]
            before = self._part(number, self.strips[number], excerpt)
            return self._left[each] + before, self._part(number, strip, excerpt)

        pairs = in_threads(tried, range(len(self._excerpts)), self._threads)
        own = _power([part for _, part in pairs])
        factor = sum(float(np.vdot(there, part)) for there, part in pairs) / max(own, 1e-30)
        left = [there - np.float32(factor) * part for there, part in pairs]
        power = _power(left)
        if factor <= 0.0 or power > (1.0 + self._may_cost) * self._power:
            return False
        linear = replace(strip.linear, left=strip.linear.left * factor, right=strip.linear.right * factor)
        self.strips[number] = replace(strip, linear=linear)
        self._left, self._power = left, power
        return True

    def _part(self, number: int, strip: Strip, excerpt: Excerpt) -> Audio:
        placed = strip.placed(strip.before_place(excerpt.stems[number], self._rate))
        return np.asarray(placed[excerpt.lead_in :])


def use_fewer_bands(trials: StripTrials, fewer_bands: Callable[[int, LinearStrip], LinearStrip]) -> None:
    """Do without compressors, or else with fewer bands before them, where that costs no more than it may.

    Parameters
    ----------
    trials : StripTrials
        The strips; changed.
    fewer_bands : callable
        Given a stem's number and its linear strip, returns one of nearly the same response with fewer bands, and another
        gain if need be; or what it was given.
    """
    for number, strip in enumerate(trials.strips):
        if strip.compressor is None or trials.take(number, replace(strip, compressor=None)):
            continue
        if (fewer := fewer_bands(number, strip.linear)) is not strip.linear:
            trials.take(number, _with_linear(strip, fewer))


def leave_out_idle(trials: StripTrials) -> None:
    """Do without each compressor and each band that costs no more than it may.

    Parameters
    ----------
    trials : StripTrials
        The strips; changed.
    """
    for number, strip in enumerate(trials.strips):
        if strip.compressor is not None:
            trials.take(number, replace(strip, compressor=None))
        for band in strip.linear.bands:
            now = trials.strips[number]
            bands = tuple(other for other in now.linear.bands if other is not band)
            trials.take(number, replace(now, linear=replace(now.linear, bands=bands)))


def _with_linear(strip: Strip, linear: LinearStrip) -> Strip:
    """Return a strip with other bands: where its fader makes up for their level, so does its compressor's threshold."""
    was, now = (max(abs(each.left), abs(each.right)) for each in (strip.linear, linear))
    if strip.compressor is None or not was or not now:
        return replace(strip, linear=linear)
    threshold_db = float(np.clip(strip.compressor.threshold_db - gain_to_db(now / was), -100.0, 30.0))
    return replace(strip, linear=linear, compressor=replace(strip.compressor, threshold_db=threshold_db))


def _power(signals: Sequence[Audio]) -> float:
    return sum(float(np.vdot(signal, signal)) for signal in signals)
