"""What the master did to the sum of the stems: a compressor, a limiter."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixrules._support.validation import Audio
from mixrules.matching.compressor_fit import (
    CompressedPart,
    cost_of,
    frame_gains,
    gains_of,
    hop_levels_db,
    search_compressor,
)
from mixrules.matching.gain_over_time import frame_samples, frame_statistics
from mixrules.matching.spectral_statistics import in_other_half
from mixrules.processors import CompressorParams, LimiterParams, gain_to_db, limit

_RELEASES_MS = (20.0, 50.0, 80.0, 150.0, 300.0, 600.0)
_LOOKAHEADS_MS = (1.0, 2.0, 5.0)
_LEAST_OVER_DB = 0.1
_SMOOTH_S = 0.0007


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

    Returns
    -------
    MasterFit
    """
    from dataclasses import replace

    parts = [_part(*each, sample_rate) for each in zip(totals, mixes, lead_ins, strict=True)]
    found, other = ([part.only(other=half) for part in parts] for half in (False, True))
    if not any(part.power.any() for part in other):
        found = other = parts
    fit = MasterFit()
    left = _left(totals, mixes, lead_ins, fit, sample_rate)
    params, _, _ = search_compressor(found, sample_rate)
    constant, _ = cost_of(other, [np.ones(len(part.power)) for part in other])
    cost, _ = cost_of(other, [frame_gains(part, sample_rate, params) for part in other])
    if constant - cost > pays_share * 0.5 * left:
        _, gain = cost_of(parts, [frame_gains(part, sample_rate, params) for part in parts])
        trial = MasterFit(gain=gain, compressor=params)
        trial_left = _left(totals, mixes, lead_ins, trial, sample_rate)
        if trial_left < (1.0 - pays_share) * left:
            fit, left = trial, trial_left
    limiters = []
    over_db = gain_to_db(max(float(np.abs(t).max(initial=0.0)) for t in totals) * fit.gain) - peak_dbtp
    if over_db > _LEAST_OVER_DB and peak_dbtp >= -60.0:
        for release_ms, lookahead_ms in itertools.product(_RELEASES_MS, (2.0,)):
            limiter = LimiterParams(
                ceiling_dbtp=min(peak_dbtp, 0.0), lookahead_ms=lookahead_ms, release_ms=release_ms
            )
            limiters.append(replace(fit, limiter=limiter))
        tried = [_left(totals, mixes, lead_ins, each, sample_rate) for each in limiters]
        best = int(np.argmin(tried))
        if tried[best] < (1.0 - pays_share) * left:
            fit, left = limiters[best], tried[best]
            for lookahead_ms in _LOOKAHEADS_MS:
                assert fit.limiter is not None
                trial = replace(fit, limiter=replace(fit.limiter, lookahead_ms=lookahead_ms))
                trial_left = _left(totals, mixes, lead_ins, trial, sample_rate)
                if trial_left < left:
                    fit, left = trial, trial_left
    return fit


def _part(total: Audio, mix: Audio, lead_in: int, sample_rate: int) -> CompressedPart:
    frames = frame_statistics([total[lead_in:]], mix[lead_in:], sample_rate)
    other = in_other_half(np.arange(len(frames.mix_power)), frame_samples(sample_rate), sample_rate)
    levels = hop_levels_db(total, lead_in, sample_rate)
    return CompressedPart(*levels, frames.between[:, 0, 0], frames.onto_mix[:, 0], other)


def _left(
    totals: Sequence[Audio], mixes: Sequence[Audio], lead_ins: Sequence[int], fit: MasterFit, sample_rate: int
) -> float:
    left = 0.0
    for total, mix, lead_in in zip(totals, mixes, lead_ins, strict=True):
        off = mix[lead_in:] - fit.applied(total, sample_rate)[lead_in:]
        left += float(np.vdot(off, off))
    return left
