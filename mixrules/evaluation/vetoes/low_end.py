"""The low end: kick and bass in each other's way, and rumble of what has no business there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixrules.analysis import blocks_to_mask, power_db
from mixrules.evaluation.vetoes.definition import WHOLE_MIX, Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix, Powers

HIGHEST_HZ = 120.0
STRONG_DB = 3.0
LOW_ROLES = ("bass", "kick", "toms", "drums", "percussion", "accompaniment", "effects", "unknown")
"""Roles that are at home below 40 Hz, or of which nobody knows."""
PLAYED_LOW = ("synth", "piano", "keys", "strings", "winds", "other")
"""Roles that may play a low note: of them counts what is below the lowest note of a piano."""
_RUMBLE_HZ = (10.0, 40.0)
_LOWEST_NOTE_HZ = 27.0


def kick_in_bass(mix: HeardMix) -> Mapping[str, float]:
    """Return the share of the kick's blocks in which bass and kick are equally strong in the kick's own band."""
    kicks = mix.with_roles("kick") or mix.with_roles("drums")
    basses = mix.with_roles("bass")
    if not kicks or not basses:
        return {}
    low = [i for i, edge in enumerate(mix.third_octaves.high_hz) if edge <= HIGHEST_HZ]
    kick, bass = (mix.third_octave_powers(*names) for names in (kicks, basses))
    together = _loud(kick[:, low]) & _loud(bass[:, low])
    if not together.any():
        return {}
    strong = (_near_the_strongest(kick[together], low)) & (_near_the_strongest(bass[together], low))
    ratio_db = 10.0 * np.log10(
        np.maximum(kick[together][:, low], 1e-30) / np.maximum(bass[together][:, low], 1e-30)
    )
    clash = (strong & (np.abs(ratio_db) < STRONG_DB)).any(axis=1)
    return {WHOLE_MIX: float(clash.mean())}


def _loud(powers: Powers) -> npt.NDArray[np.bool_]:
    return blocks_to_mask(powers.sum(axis=1))


def _near_the_strongest(powers: Powers, low: list[int]) -> npt.NDArray[np.bool_]:
    strongest = powers.max(axis=1, keepdims=True)
    return np.asarray(powers[:, low] >= strongest * 10.0 ** (-STRONG_DB / 10.0))


def rumble_db(mix: HeardMix) -> Mapping[str, float]:
    """Return the power below 40 Hz of stems that have no business there, against the whole mix."""
    from scipy.fft import next_fast_len, rfft

    others = [stem for stem in mix.active_stems if stem.role not in LOW_ROLES]
    total = float(np.vdot(mix.before_master(), mix.before_master())) / (2.0 * mix.rendition.samples)
    if not others or total <= 0.0:
        return {}
    found = {}
    for stem in others:
        audio, rate = mix.low_rate(mix.stem(stem.name))
        size = next_fast_len(audio.size, real=True)
        powers = np.abs(rfft(audio, size)) ** 2 * (2.0 / (size * max(audio.size, 1)))
        low_hz, high_hz = _RUMBLE_HZ
        if stem.role in PLAYED_LOW:
            high_hz = _LOWEST_NOTE_HZ
        below = powers[round(low_hz * size / rate) : round(high_hz * size / rate)].sum()
        found[stem.name] = float(power_db(below / total))
    return found


FIGHT = Veto(
    name="kick_bass_clash",
    about="kick and bass fight for one band: neither is clear",
    measured="share of blocks with both where a third octave below 120 Hz leads both and is as strong in each, to 3 dB",
    unit="",
    threshold=0.25,
    source="ours",
    function=kick_in_bass,
)
RUMBLE = Veto(
    name="rumble",
    about="rumble below 40 Hz of a part that has no business there",
    measured="power of the stem from 10 to 40 Hz, of instruments with low notes to 27 Hz, against that of the whole mix",
    unit="dB",
    threshold=-30.0,
    source="ours",
    function=rumble_db,
)
