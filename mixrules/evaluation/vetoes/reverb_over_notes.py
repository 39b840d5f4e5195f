"""Is there room for the reverb: what is left of it when the next note comes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mixrules.analysis import left_at_next_note, note_gap_s
from mixrules.evaluation.vetoes.definition import Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix


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
        gap_s = note_gap_s(mix.given[strip.name].audio, mix.sample_rate)
        power = sum(
            10.0 ** (send.level_db / 10.0) * left_at_next_note(gap_s, mix.plan.reverb(send.to).t60_s)
            for send in strip.sends
        )
        found[strip.name] = 10.0 * math.log10(power) if power > 0.0 else -math.inf
    return found


FOG = Veto(
    name="reverb_over_notes",
    about="the reverb is still there when the next note comes: a fast or dense part swims",
    measured="level of the reverb's decay at the next note against the dry sound, where the stem's notes are densest",
    unit="dB",
    threshold=-15.0,
    source="ours",
    function=fog_db,
)
