"""A room whose reverberation times are those asked for, found by least squares."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import require_sample_rate
from mixrules.analysis import decay_time
from mixrules.errors import ParameterError
from mixrules.processors import (
    EqBand,
    EqualizerParams,
    ReverbParams,
    frequency_response,
    impulse_response,
    t60_at,
)
from mixrules.processors.room import GRID_HZ, line_lengths

Floats = npt.NDArray[np.float64]

_T60_S = (0.05, 30.0)
_SLOPE_DB_PER_S = (-100.0, 20.0)
_CORNER_HZ = (20.0, 20_000.0)
_Q = (0.1, 2.0)
_MOST_OF_NYQUIST = 0.9
_LENGTHS = 5  # stand for those of all delay lines
_STARTS_HZ = ((80.0, 300.0), (1500.0, 5000.0))  # corners of the shelves from which the search starts
_LONGER = 1.5  # no frequency decays in more than so many times the longest time asked for
_PRIOR = 0.003  # how much a parameter that the times do not determine is drawn to where it started
_LONGEST_S = 55.0  # the network refuses 60 s at any frequency
_STEP = 0.8  # of what a time is off by; more oscillates
_CLOSE = 0.01  # measured times that are off by less are not corrected further


def fit_reverb_to_decay(
    frequencies_hz: npt.ArrayLike,
    t60_s: npt.ArrayLike,
    *,
    sample_rate: int,
    weights: npt.ArrayLike | None = None,
    like: ReverbParams | None = None,
    bandwidth_octaves: float = 1.0,
    corrections: int = 2,
) -> ReverbParams:
    """Return the room that decays as asked at each frequency.

    Parameters
    ----------
    frequencies_hz : array_like, shape (bands,)
        Centres of bands in Hz, in any order. Those above 0.9 times half the sample rate are left out.
    t60_s : array_like, shape (bands,)
        The reverberation time of each in seconds; NaN where it is not known.
    sample_rate : int
        Hz.
    weights : array_like, shape (bands,), optional
        How much each counts; alike by default.
    like : ReverbParams, optional
        The room whose size, delay lines, pre-delay, fade-in and cuts are kept; a plain one by default.
    bandwidth_octaves : float
        Width of the bands in which the response is measured for the corrections.
    corrections : int
        So often at most the response is made, its decay times measured and what is asked for corrected by how far they
        are off; the room whose worst band is nearest is returned. 0 trusts the network's equations.

    Returns
    -------
    ReverbParams
        Its time between the shelves and both shelves are fitted to the logarithms of the times.

    Raises
    ------
    ParameterError
        If no time is known, or an argument is out of range.

    Notes
    -----
    Two shelves bend the decay over frequency, so that a curve with several bends is met in the mean alone.
    `mixrules.processors.t60_at` says what the room was asked for, `mixrules.analysis.decay_time` on its
    `mixrules.processors.impulse_response` what it does.

    Examples
    --------
    >>> from mixrules.matching import fit_reverb_to_decay
    >>> from mixrules.processors import t60_at
    >>> room = fit_reverb_to_decay([125, 500, 2000, 8000], [1.6, 1.5, 1.3, 0.8], sample_rate=48000)
    >>> [round(float(t), 1) for t in t60_at(room, [125, 500, 2000, 8000], 48000)]
    [1.6, 1.5, 1.3, 0.8]
    """
    sample_rate = require_sample_rate(sample_rate)
    bands_hz, asked_s, weight = _known(frequencies_hz, t60_s, weights, sample_rate)
    middle_s = float(np.exp(np.average(np.log(asked_s), weights=weight)))
    kept = dataclasses.replace(
        like or ReverbParams(t60_s=1.0), t60_s=middle_s, low_shelf_db_per_s=0.0, high_shelf_db_per_s=0.0
    )
    solver = _Solver(bands_hz, weight, kept, sample_rate)
    found = solver.from_starts(asked_s)
    best, least, target_s = solver.params(found), math.inf, asked_s
    for _ in range(corrections):
        params = solver.params(found)
        made_s = _measured(params, bands_hz, sample_rate, bandwidth_octaves)
        # A band too short or too narrow to be measured is taken as the equations say.
        made_s = np.where(np.isfinite(made_s), made_s, t60_at(params, bands_hz, sample_rate))
        off = np.log(made_s / asked_s)
        worst = float(np.abs(off).max())
        if worst < least:
            best, least = params, worst
        if worst < _CLOSE:
            break
        target_s = np.clip(target_s * np.exp(-_STEP * off), *_T60_S)
        found = solver.solve(target_s, found)
    return best


def _known(
    frequencies_hz: npt.ArrayLike, t60_s: npt.ArrayLike, weights: npt.ArrayLike | None, sample_rate: int
) -> tuple[Floats, Floats, Floats]:
    """Return the bands whose time is known, checked."""
    bands_hz, times_s = (np.atleast_1d(np.asarray(each, np.float64)) for each in (frequencies_hz, t60_s))
    weight = np.ones(bands_hz.shape) if weights is None else np.atleast_1d(np.asarray(weights, np.float64))
    if not bands_hz.ndim == 1 or not bands_hz.shape == times_s.shape == weight.shape:
        raise ParameterError(
            "frequencies_hz, t60_s and weights must be lists of one length, "
            f"got shapes {bands_hz.shape}, {times_s.shape} and {weight.shape}"
        )
    if not np.all(np.isfinite(bands_hz) & (bands_hz > 0)):
        raise ParameterError("frequencies_hz must be positive numbers")
    if not np.all(np.isfinite(weight) & (weight >= 0)):
        raise ParameterError("weights must be finite and at least 0")
    known = np.isfinite(times_s) & (weight > 0) & (bands_hz < _MOST_OF_NYQUIST * sample_rate / 2)
    if not known.any():
        raise ParameterError(
            "t60_s must hold a reverberation time of at least one band below half the sample rate"
        )
    if not np.all((times_s[known] >= _T60_S[0]) & (times_s[known] <= _T60_S[1])):
        raise ParameterError(f"t60_s must be {_T60_S[0]:g} to {_T60_S[1]:g} s, got {times_s[known].tolist()}")
    return bands_hz[known], times_s[known], weight[known]


def _measured(params: ReverbParams, bands_hz: Floats, sample_rate: int, bandwidth_octaves: float) -> Floats:
    """Return the reverberation times of the response that the network makes."""
    response = impulse_response(sample_rate, params)
    start_s = params.pre_delay_ms / 1000.0 + params.fade_in_s
    return np.array(
        [
            decay_time(
                response,
                sample_rate,
                band_hz=float(band),
                bandwidth_octaves=bandwidth_octaves,
                start_s=start_s,
            )
            for band in bands_hz
        ]
    )


class _Solver:
    """Least squares over the time between the shelves and six numbers of the shelves, by the network's equations."""

    def __init__(self, bands_hz: Floats, weight: Floats, kept: ReverbParams, sample_rate: int) -> None:
        self._kept, self._sample_rate, self._bands = kept, sample_rate, len(bands_hz)
        self._every_hz = np.concatenate([bands_hz, GRID_HZ[sample_rate / 2 > GRID_HZ]])
        self._root = np.sqrt(weight / weight.sum())
        self._delays_s, self._shares = _delays(kept, sample_rate)
        corner_hz = (_CORNER_HZ[0], min(_CORNER_HZ[1], _MOST_OF_NYQUIST * sample_rate / 2))
        shelf = (_SLOPE_DB_PER_S, tuple(np.log(corner_hz)), tuple(np.log(_Q)))
        self._low, self._high = np.array([tuple(np.log(_T60_S)), *shelf, *shelf]).T
        self._scale = np.array([1.0, *(10.0, 1.0, 1.0) * 2])

    def from_starts(self, t60_s: Floats) -> Floats:
        """Return the best of the solutions from several corners of the shelves."""
        middle = float(np.sum(self._root**2 * np.log(t60_s)))
        starts = [
            np.array([middle, -0.1, math.log(low_hz), math.log(0.6), -1.0, math.log(high_hz), math.log(0.6)])
            for low_hz, high_hz in itertools.product(*_STARTS_HZ)
        ]
        found = [self.solve(t60_s, np.clip(start, self._low, self._high)) for start in starts]
        costs = [float(np.sum(self._off(each, t60_s)[: self._bands] ** 2)) for each in found]
        return found[int(np.argmin(costs))]

    def solve(self, t60_s: Floats, start: Floats) -> Floats:
        """Return the solution that is reached from `start`."""
        from scipy.optimize import least_squares

        def residuals(at: Floats) -> Floats:
            return np.concatenate([self._off(at, t60_s), _PRIOR * (at - start) / self._scale])

        found = least_squares(
            residuals, start, bounds=(self._low, self._high), x_scale=self._scale, max_nfev=60
        )
        return np.asarray(found.x)

    def _off(self, at: Floats, t60_s: Floats) -> Floats:
        """Return how far the logarithms of the times are off, and where other frequencies decay too slowly."""
        slowest = 60.0 / min(_LONGER * float(t60_s.max()), _LONGEST_S)
        decay = _decay_db_per_s(at, self._every_hz, self._delays_s, self._shares, self._sample_rate)
        asked = np.maximum(decay[: self._bands], 0.1 * slowest)
        beyond = np.maximum(slowest - decay[self._bands :], 0.0) / slowest
        return np.concatenate([self._root * np.log(asked * t60_s / 60.0), beyond])

    def params(self, at: Floats) -> ReverbParams:
        """Return the room of a solution; where it would not decay, with as much of its shelves as it bears."""
        t60_s, low_hz, low_q, high_hz, high_q = np.exp(at[[0, 2, 3, 5, 6]])
        for share in (1.0, 0.9, 0.75, 0.5, 0.25, 0.0):
            try:
                params = dataclasses.replace(
                    self._kept,
                    t60_s=float(np.clip(t60_s, *_T60_S)),
                    low_shelf_hz=float(low_hz),
                    low_shelf_q=float(low_q),
                    low_shelf_db_per_s=float(np.clip(share * at[1], *_SLOPE_DB_PER_S)),
                    high_shelf_hz=float(high_hz),
                    high_shelf_q=float(high_q),
                    high_shelf_db_per_s=float(np.clip(share * at[4], *_SLOPE_DB_PER_S)),
                )
                t60_at(params, GRID_HZ, self._sample_rate)
            except ParameterError:
                continue
            break
        return params


def _delays(kept: ReverbParams, sample_rate: int) -> tuple[Floats, Floats]:
    """Return a few delays in seconds that stand for those of all lines, and the share of lines of each."""
    groups = np.array_split(line_lengths(kept, sample_rate) / sample_rate, min(_LENGTHS, kept.lines))
    return np.array([group.mean() for group in groups]), np.array(
        [len(group) for group in groups]
    ) / kept.lines


def _decay_db_per_s(
    at: Floats, frequencies_hz: Floats, delays_s: Floats, shares: Floats, sample_rate: int
) -> Floats:
    """Return the decay that the network's equations give: attenuation of all lines over the sum of their delays."""
    shelves_db = np.zeros(frequencies_hz.shape)
    for delay_s, share in zip(delays_s, shares, strict=True):
        low = EqBand(
            kind="low_shelf",
            frequency_hz=float(np.exp(at[2])),
            gain_db=float(at[1] * delay_s),
            q=float(np.exp(at[3])),
        )
        high = EqBand(
            kind="high_shelf",
            frequency_hz=float(np.exp(at[5])),
            gain_db=float(at[4] * delay_s),
            q=float(np.exp(at[6])),
        )
        response = frequency_response(EqualizerParams(bands=(low, high)), sample_rate, frequencies_hz)
        shelves_db += share * 20.0 * np.log10(np.abs(response))
    decay: Floats = 60.0 / np.exp(at[0]) - shelves_db / float(np.sum(shares * delays_s))
    return decay
