"""Is there room for the reverb: what is left of it when the next note comes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mixrules.analysis import onset_strength
from mixrules.evaluation.vetoes.definition import Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix

_PART_S = 3.0
_DENSE_SHARE = 0.9
_ONSET_SHARE = 0.15
_NEAREST_S = 0.06


def fog_db(mix: HeardMix) -> Mapping[str, float]:
    """Return how loud a stem's reverb still is when its next note comes, against the dry sound, where notes are dense.

    A reverb of level L against the dry sound and decay time T, fed anew every g seconds, has decayed to
    L + 10 log10(a r / (1 - r)) by the next note, where r = 10^(-6 g / T) and a = 6 ln 10 g / T.
    """
    if mix.plan is None:
        return {}
    found = {}
    for strip in mix.plan.stems:
        if strip.mute or not strip.sends or strip.name not in mix.names:
            continue
        gap_s = _shortest_gap_s(mix, strip.name)
        power = sum(
            10.0 ** (send.level_db / 10.0) * left_at_next_note(gap_s, mix.plan.reverb(send.to).t60_s)
            for send in strip.sends
        )
        found[strip.name] = 10.0 * math.log10(power) if power > 0.0 else -math.inf
    return found


def left_at_next_note(gap_s: float, t60_s: float) -> float:
    """Return the power of a reverb at the end of a gap over its mean."""
    if math.isinf(gap_s):
        return 0.0
    rate = 6.0 * math.log(10.0) * gap_s / t60_s
    return rate / math.expm1(rate) if rate < 500.0 else 0.0


def _shortest_gap_s(mix: HeardMix, name: str) -> float:
    """Return the mean time from note to note in the densest parts of a stem, as given; infinite without notes."""
    strength, hop_s = onset_strength(mix.given[name].audio, mix.sample_rate)
    inner = strength[1:-1]
    peaks = (inner > strength[:-2]) & (inner >= strength[2:]) & (inner > _ONSET_SHARE * strength.max())
    times = (np.flatnonzero(peaks) + 1) * hop_s
    if times.size < 2:
        return math.inf
    kept = times[np.concatenate([[True], np.diff(times) > _NEAREST_S])]
    windows = np.arange(0.0, max(strength.size * hop_s - _PART_S, 0.0) + hop_s, 0.5)
    counts = np.searchsorted(kept, windows + _PART_S) - np.searchsorted(kept, windows)
    densest = float(np.quantile(counts[counts > 0], _DENSE_SHARE)) if (counts > 0).any() else 0.0
    return _PART_S / densest if densest > 0.0 else math.inf


FOG = Veto(
    name="reverb_over_notes",
    about="the reverb is still there when the next note comes: a fast or dense part swims",
    measured="level of the reverb's decay at the next note against the dry sound, where the stem's notes are densest",
    unit="dB",
    threshold=-15.0,
    source="ours",
    function=fog_db,
)
