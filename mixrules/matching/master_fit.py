"""What the master did to the sum of the stems: a compressor, a limiter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mixrules._support.cores import in_threads
from mixrules._support.validation import Audio
from mixrules.matching.compressor_fit import (
    CompressedPart,
    gains_of,
    halves_of,
    hop_levels_db,
    search_compressor,
    worth_of,
)
from mixrules.matching.gain_over_time import frame_statistics
from mixrules.processors import CompressorParams, LimiterParams, db_to_gain, gain_to_db, limit

_RELEASES_MS = (20.0, 50.0, 80.0, 150.0, 300.0, 600.0)
_LOOKAHEADS_MS = (1.0, 2.0, 5.0)
_GAINS_DB = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_FINER_DB = (-0.25, 0.25)
_LEAST_OVER_DB = 0.1
_LOUDEST = 3  # excerpts: limiters are tried where the sum is loudest
_RATHER_SHARE = 0.1
"""A compressor in the place of a limiter must be worth so much more: it has four numbers that are free, and peaks that
all end at one height speak for a limiter."""
_BOTH_PAY_SHARE = 0.05
"""Compressor and limiter together must be worth so much more than either."""
_SMOOTH_S = 0.0007


_Excerpt = tuple[Audio, Audio, int]
"""The sum of the stems, the mix, and how many samples of both come before those that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterFit:
    """A master.

    Attributes
    ----------
    gain : float
        Factor on the sum of the stems as they were found.
    compressor : CompressorParams or None
        Before the gain.
    limiter : LimiterParams or None
        Last.
    """

    gain: float = 1.0
    compressor: CompressorParams | None = None
    limiter: LimiterParams | None = None

    @property
    def does_nothing(self) -> bool:
        """Whether the sum leaves it as it is."""
        return self == MasterFit()

    def applied(self, total: Audio, sample_rate: int) -> Audio:
        """Return the sum after the master, shape (samples, 2)."""
        if self.compressor is not None:
            total = total * gains_of(total, sample_rate, self.compressor)
        total = total * np.float32(self.gain)
        return limit(total, sample_rate, self.limiter) if self.limiter is not None else total

    def undone(self, mix: Audio, total: Audio, sample_rate: int) -> Audio:
        """Return the mix as it was before the master, given the sum that the master heard."""
        if self.does_nothing:
            return mix
        out = self.applied(total, sample_rate)
        span = max(1, round(_SMOOTH_S * sample_rate))
        window = np.ones(span) / span
        power = np.convolve(np.sum(np.square(total, dtype=np.float64), axis=1), window, "same")
        product = np.convolve(np.sum(total.astype(np.float64) * out, axis=1), window, "same")
        floor = 1e-9 * max(float(power.max(initial=0.0)), 1e-20)
        gain = (product + self.gain * floor) / (power + floor)
        return np.asarray(mix / np.clip(gain, 0.02, 50.0)[:, None], np.float32)


def fit_master(
    totals: Sequence[Audio],
    mixes: Sequence[Audio],
    lead_ins: Sequence[int],
    sample_rate: int,
    *,
    peak_dbtp: float,
    pays_share: float,
    threads: int = 1,
) -> MasterFit:
    """Find what turns the sum of the stems into the mix.

    Parameters
    ----------
    totals, mixes : sequence of ndarray of float32, shape (lead_in + samples, 2)
        The sum of the stems and the mix, in excerpts.
    lead_ins : sequence of int
        Samples before those that count.
    sample_rate : int
        Hz.
    peak_dbtp : float
        The true peak of the whole mix.
    pays_share : float
        A processor is kept that lowers what is unexplained by this share where it was not looked for.
    threads : int
        How many excerpts to work on at once; the result is the same.

    Returns
    -------
    MasterFit
    """
    parts = [_part(*each, sample_rate) for each in zip(totals, mixes, lead_ins, strict=True)]
    found, other = halves_of(parts)
    excerpts = list(zip(totals, mixes, lead_ins, strict=True))
    fit, left = MasterFit(), _left(excerpts, MasterFit(), sample_rate, threads)
    params = search_compressor(found, sample_rate)
    limited = _limited(excerpts, fit, sample_rate, peak_dbtp, threads)
    # With what share of what is unexplained each must pay.
    tried = [] if limited is None else [(limited, pays_share)]
    _, gain = worth_of(parts, sample_rate, params)
    if gain > 0.0 and worth_of(other, sample_rate, params)[0] > pays_share * 0.5 * left:
        compressed = MasterFit(gain=gain, compressor=params)
        tried.append((compressed, pays_share if limited is None else _RATHER_SHARE))
        both = _limited(excerpts, compressed, sample_rate, peak_dbtp, threads)
        tried += [] if both is None else [(both, _BOTH_PAY_SHARE)]
    for trial, share in tried:
        trial_left = _left(excerpts, trial, sample_rate, threads)
        if trial_left < (1.0 - share) * left:
            fit, left = trial, trial_left
    return fit


def _limited(
    excerpts: Sequence[_Excerpt], fit: MasterFit, sample_rate: int, peak_dbtp: float, threads: int
) -> MasterFit | None:
    """Return a master with the limiter that leaves least; None where the sum does not go over the mix's peak."""
    loudest = sorted(excerpts, key=lambda each: -float(np.abs(each[0]).max(initial=0.0)))[:_LOUDEST]
    over_db = gain_to_db(max(float(np.abs(loudest[0][0]).max(initial=0.0)), 1e-9) * fit.gain) - peak_dbtp
    if over_db < _LEAST_OVER_DB or not peak_dbtp >= -60.0:
        return None
    limiter = LimiterParams(ceiling_dbtp=min(peak_dbtp, 0.0))
    best = replace(fit, limiter=limiter)
    # The sum was fitted to a mix whose peaks are turned down: before the limiter it was louder.
    for steps_db in (_GAINS_DB, _FINER_DB):
        around = best
        trials = [replace(around, gain=around.gain * db_to_gain(step_db)) for step_db in steps_db]
        best = _least(loudest, [around, *trials], sample_rate, threads)
    for name, values in (("release_ms", _RELEASES_MS), ("lookahead_ms", _LOOKAHEADS_MS)):
        assert best.limiter is not None
        trials = [replace(best, limiter=replace(best.limiter, **{name: value})) for value in values]
        best = _least(loudest, [best, *trials], sample_rate, threads)
    return best


def _least(
    excerpts: Sequence[_Excerpt], trials: Sequence[MasterFit], sample_rate: int, threads: int
) -> MasterFit:
    left = in_threads(lambda trial: _left(excerpts, trial, sample_rate), trials, threads)
    return trials[left.index(min(left))]


def _part(total: Audio, mix: Audio, lead_in: int, sample_rate: int) -> CompressedPart:
    frames = frame_statistics([total[lead_in:]], mix[lead_in:], sample_rate)
    levels = hop_levels_db(total, lead_in, sample_rate)
    return CompressedPart(*levels, frames.between[:, 0, 0], frames.onto_mix[:, 0], sample_rate)


def _left(excerpts: Sequence[_Excerpt], fit: MasterFit, sample_rate: int, threads: int = 1) -> float:
    def of_one(excerpt: _Excerpt) -> float:
        total, mix, lead_in = excerpt
        off = mix[lead_in:] - fit.applied(total, sample_rate)[lead_in:]
        return float(np.vdot(off, off))

    return sum(in_threads(of_one, excerpts, threads))
