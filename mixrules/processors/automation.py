"""Gain over time: breakpoints in seconds and dB, as a fader's automation lane holds them.

Between two points the gain is a straight line in dB; before the first and after the last it is held. The
corners are rounded: the gain in dB is averaged over a few milliseconds around each moment, so that no step is
heard. The gain at a sample follows from its place in the song alone, whatever the blocks.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import (
    Audio,
    as_audio,
    require_at_least,
    require_between,
    require_block,
    require_finite_fields,
    require_sample_rate,
)
from mixrules.errors import ParameterError

Floats = npt.NDArray[np.float64]

AUTOMATION_RANGE_DB = (-144.0, 24.0)
SMOOTHING_S = 0.005
"""The gain in dB at a moment is the mean of the lines over so long around it."""

_CELL_S = 0.0004
"""At most so far apart are the samples whose gains are worked out; in between the gain in dB is a straight line."""

_CHUNK_SAMPLES = 1 << 13
"""The gains of so many samples are worked out together, counted from the start of the song, whatever the blocks."""

_NEPERS_PER_DB = np.log(10.0) / 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GainPoint:
    """A breakpoint of a gain over time.

    Attributes
    ----------
    time_s : float
        Seconds from the start of the song, 0 or later.
    gain_db : float
        The gain there, -144 to 24 dB.
    """

    time_s: float
    gain_db: float

    def __post_init__(self) -> None:
        require_finite_fields(self, "time_s")
        require_at_least(self, time_s=0.0)
        require_between(self, gain_db=AUTOMATION_RANGE_DB)


def require_in_order(points: Sequence[GainPoint]) -> None:
    """Raise `ParameterError` unless every point is later than the one before."""
    for before, after in itertools.pairwise(points):
        if not after.time_s > before.time_s:
            raise ParameterError(
                f"time_s of the points of an automation must rise, got {after.time_s:g} after {before.time_s:g}"
            )


def automation_gain_db(times_s: npt.ArrayLike, points: Sequence[GainPoint]) -> Floats:
    """Return the gain of an automation at some times.

    Parameters
    ----------
    times_s : array_like
        Seconds from the start of the song.
    points : sequence of GainPoint
        In order of time; with none the gain is 0 dB.

    Returns
    -------
    ndarray of float64
        dB, as long as `times_s`.

    Raises
    ------
    ParameterError
        If the points are not in order.

    Examples
    --------
    >>> points = [GainPoint(time_s=1.0, gain_db=0.0), GainPoint(time_s=3.0, gain_db=-6.0)]
    >>> automation_gain_db([0.0, 2.0, 5.0], points).round(6).tolist()
    [0.0, -3.0, -6.0]
    """
    return _Lines(points).mean_db(np.asarray(times_s, np.float64))


def automate(audio: npt.ArrayLike, sample_rate: int, points: Sequence[GainPoint]) -> Audio:
    """Multiply every channel of `audio` by a gain over time.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified.
    sample_rate : int
        Hz.
    points : sequence of GainPoint
        In order of time.

    Returns
    -------
    ndarray, shape (samples, channels)
        A new array of the same dtype.

    Raises
    ------
    AudioError
        If `audio` is not usable.
    ParameterError
        If the points are not in order.
    """
    return AutomationStream(sample_rate, points).process(as_audio(audio))


class AutomationStream:
    """A streaming gain over time: the outputs of the blocks, joined, are those of `automate`.

    Parameters
    ----------
    sample_rate : int
        Hz.
    points : sequence of GainPoint
        In order of time.

    Notes
    -----
    `automation_gain_db` is followed exactly at every 16th sample (at 44.1 kHz), counted from the start of the song;
    in between the gain in dB is a straight line, which costs one multiplication a sample. Where the gain does not
    change nothing is worked out.
    """

    def __init__(self, sample_rate: int, points: Sequence[GainPoint]) -> None:
        self._sample_rate = require_sample_rate(sample_rate)
        self._lines = _Lines(points)
        self._doublings = int(np.log2(_CELL_S * self._sample_rate))
        self._position = 0
        self._latest: tuple[int, Floats] = (-1, np.ones(1))

    def process(self, audio: Audio) -> Audio:
        """Return the next block, shape (samples, channels), with its gain."""
        audio = require_block(audio)
        start, stop = self._position, self._position + len(audio)
        self._position = stop
        numbers = range(start // _CHUNK_SAMPLES, -(-stop // _CHUNK_SAMPLES))
        constant_db = self._constant_db(numbers)
        if constant_db is not None:
            return np.asarray(audio * audio.dtype.type(np.exp(_NEPERS_PER_DB * constant_db)))
        automated: Audio = np.empty(audio.shape, audio.dtype)
        for number in numbers:
            chunk_start = number * _CHUNK_SAMPLES
            first, last = max(start, chunk_start), min(stop, chunk_start + _CHUNK_SAMPLES)
            gains = self._gains(number)
            part = slice(first - start, last - start)
            if gains.size == 1:
                np.multiply(audio[part], gains.astype(audio.dtype), out=automated[part])
                continue
            gains = gains[first - chunk_start : last - chunk_start]
            for channel in range(audio.shape[1]):
                np.multiply(audio[part, channel], gains.astype(audio.dtype), out=automated[part, channel])
        return automated

    def _gains(self, number: int) -> Floats:
        """Return the linear gains of a chunk, or one of them where all are equal."""
        if self._latest[0] != number:
            self._latest = number, self._computed_gains(number * _CHUNK_SAMPLES)
        return self._latest[1]

    def _constant_db(self, numbers: range) -> float | None:
        """Return the gain of several chunks where it is the same in all of them, else None."""
        first, last = numbers.start * _CHUNK_SAMPLES, numbers.stop * _CHUNK_SAMPLES
        return self._lines.constant_db(first / self._sample_rate, last / self._sample_rate)

    def _computed_gains(self, start: int) -> Floats:
        cell = 1 << self._doublings
        times_s = np.arange(start, start + _CHUNK_SAMPLES + cell, cell) / self._sample_rate
        constant_db = self._lines.constant_db(times_s[0], times_s[-1])
        if constant_db is not None:
            return np.array([np.exp(_NEPERS_PER_DB * constant_db)])
        nepers = _NEPERS_PER_DB * self._lines.mean_db(times_s)
        gains = np.empty((len(times_s) - 1, cell))
        gains[:, 0] = np.exp(nepers[:-1])
        ratio = np.exp(np.diff(nepers) / cell)
        for doubling in range(self._doublings):
            known = 1 << doubling
            np.multiply(gains[:, :known], ratio[:, np.newaxis], out=gains[:, known : 2 * known])
            ratio = ratio * ratio
        return gains.ravel()


class _Lines:
    """The straight lines between points, and their mean over the smoothing from their integral."""

    def __init__(self, points: Sequence[GainPoint]) -> None:
        require_in_order(points)
        self._times_s = np.array([point.time_s for point in points], np.float64)
        self._gains_db = np.array([point.gain_db for point in points], np.float64)
        areas = 0.5 * (self._gains_db[1:] + self._gains_db[:-1]) * np.diff(self._times_s)
        self._integral = np.concatenate([[0.0], np.cumsum(areas)])
        self._slopes = np.append(np.diff(self._gains_db) / np.diff(self._times_s), 0.0)

    def constant_db(self, first_s: float, last_s: float) -> float | None:
        """Return the gain from one time to another where it is the same all that time, else None."""
        if len(self._times_s) == 0:
            return 0.0
        half_s = 0.5 * SMOOTHING_S
        before = int(np.searchsorted(self._times_s, first_s - half_s, side="right")) - 1
        after = int(np.searchsorted(self._times_s, last_s + half_s, side="left"))
        around = self._gains_db[max(before, 0) : after + 1]
        gain_db = around[0] if len(around) else self._gains_db[-1]
        return float(gain_db) if (around == gain_db).all() else None

    def mean_db(self, times_s: Floats) -> Floats:
        """Return the mean of the lines over the smoothing around each time."""
        if len(self._times_s) == 0:
            return np.zeros(times_s.shape)
        half_s = 0.5 * SMOOTHING_S
        areas = self._integral_to(times_s + half_s) - self._integral_to(times_s - half_s)
        return areas / SMOOTHING_S

    def _integral_to(self, times_s: Floats) -> Floats:
        """Return the integral of the lines from the first point to each time."""
        before = np.minimum(times_s - self._times_s[0], 0.0) * self._gains_db[0]
        after = np.maximum(times_s - self._times_s[-1], 0.0) * self._gains_db[-1]
        inside = np.clip(times_s, self._times_s[0], self._times_s[-1])
        index = np.clip(np.searchsorted(self._times_s, inside, side="right") - 1, 0, None)
        # Not by np.interp, whose rounding depends on how many times it is asked for at once.
        since_s = inside - self._times_s[index]
        area = (self._gains_db[index] + 0.5 * self._slopes[index] * since_s) * since_s
        return np.asarray(before + self._integral[index] + area + after)
