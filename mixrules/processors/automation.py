"""Gain over time: breakpoints in seconds and dB, as a fader's automation lane holds them.

Between two points the gain is a straight line in dB; before the first and after the last it is held. The
corners are rounded: the gain in dB is averaged over a few milliseconds around each sample, so that no step is
heard. The gain at a sample follows from its time alone, whatever the blocks.
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
SMOOTHING_S = 0.01
"""The gain in dB at a sample is the mean of the lines over so long around it."""

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
    """

    def __init__(self, sample_rate: int, points: Sequence[GainPoint]) -> None:
        self._sample_rate = require_sample_rate(sample_rate)
        self._lines = _Lines(points)
        self._position = 0

    def process(self, audio: Audio) -> Audio:
        """Return the next block, shape (samples, channels), with its gain."""
        audio = require_block(audio)
        times_s = np.arange(self._position, self._position + len(audio)) / self._sample_rate
        self._position += len(audio)
        gain = np.exp(_NEPERS_PER_DB * self._lines.mean_db(times_s))
        automated: Audio = audio * gain.astype(audio.dtype)[:, np.newaxis]
        return automated


class _Lines:
    """The straight lines between points, and their mean over the smoothing from their integral."""

    def __init__(self, points: Sequence[GainPoint]) -> None:
        require_in_order(points)
        self._times_s = np.array([point.time_s for point in points], np.float64)
        self._gains_db = np.array([point.gain_db for point in points], np.float64)
        areas = 0.5 * (self._gains_db[1:] + self._gains_db[:-1]) * np.diff(self._times_s)
        self._integral = np.concatenate([[0.0], np.cumsum(areas)])

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
        here_db = np.interp(inside, self._times_s, self._gains_db)
        area = 0.5 * (self._gains_db[index] + here_db) * (inside - self._times_s[index])
        return np.asarray(before + self._integral[index] + area + after)
