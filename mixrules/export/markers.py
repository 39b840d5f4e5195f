"""Markers from what the song shows: where vocals and drums come in and go out, breaks, the loudest passage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mixrules.engine import Renderer
from mixrules.mixplan import MixPlan
from mixrules.stems import Stem

_BLOCK_S = 0.1
_GATE_LU = 20.0  # ours: a soft verse lies less below the whole, what leaks from other instruments more
_BRIDGED_S = 4.0  # ours: two bars at 120 BPM; a shorter pause is one between phrases
_LEAST_S = 1.0  # ours: what sounds for less is a count-in or a cough
_BREAK_S = 1.0  # ours
_BREAK_LU = 20.0  # what is so far below the mix's loudness is a tail or noise, no music
_SILENCE_LUFS = -70.0


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """A place in the song: seconds from its start, and what is there."""

    time_s: float
    name: str


def markers_of(renderer: Renderer, plan: MixPlan) -> tuple[Marker, ...]:
    """Return the markers of a song under a plan, in order of time.

    Parameters
    ----------
    renderer : Renderer
        The song.
    plan : MixPlan
        Muted stems do not count, and the loudest passage is that of the mix before its master.

    Returns
    -------
    tuple of Marker
        "vocals in" and "vocals out" about each passage with a lead vocal (pauses under 4 s are passed over), the same
        for the drums, "break" where all is silent for a second, "loudest 3 seconds" where these begin.
    """
    found = [*_mix_markers(renderer, plan)]
    for label, stems in _groups(renderer, plan).items():
        found += _entries(label, stems, renderer.stems.sample_rate)
    return tuple(sorted(found))


def _groups(renderer: Renderer, plan: MixPlan) -> dict[str, list[Stem]]:
    """Return the lead vocals and the drums, by what they are called: a single stem by its name."""
    from mixrules.stems.roles.families import section_of

    audible = [strip for strip in plan.stems if not (strip.mute or renderer.stems[strip.name].silent)]
    groups = {
        "vocals": [renderer.stems[strip.name] for strip in audible if strip.role == "vocal"],
        "drums": [renderer.stems[strip.name] for strip in audible if section_of(strip.role) == "drums"],
    }
    return {stems[0].name if len(stems) == 1 else label: stems for label, stems in groups.items() if stems}


def _entries(label: str, stems: Sequence[Stem], sample_rate: int) -> Iterator[Marker]:
    from mixrules.analysis.activity import active_from_levels, block_rms_dbfs
    from mixrules.rules.phrases import phrases_of
    from mixrules.stems.mono_sum import MonoSum

    audio = MonoSum(stems)
    levels_dbfs = block_rms_dbfs(audio, sample_rate, _BLOCK_S)
    active = active_from_levels(levels_dbfs, relative_lu=_GATE_LU, gate="relative")
    times_s = np.arange(len(active), dtype=np.float64) * np.float64(_BLOCK_S)
    song_s = len(audio) / sample_rate
    for phrase in phrases_of(times_s, active, _BRIDGED_S):
        start_s, end_s = phrase.start_s, phrase.end_s + _BLOCK_S
        if end_s - start_s < _LEAST_S:
            continue
        yield Marker(start_s, f"{label} in")
        if song_s - end_s >= _BRIDGED_S:
            yield Marker(end_s, f"{label} out")


def _mix_markers(renderer: Renderer, plan: MixPlan) -> Iterator[Marker]:
    from mixrules.loudness.from_energies import (
        GATING_HOP_S,
        MOMENTARY_S,
        SHORT_TERM_S,
        integrated_from_energies,
        momentary_from_energies,
        short_term_from_energies,
    )
    from mixrules.measurements import Measurements
    from mixrules.rules.phrases import phrases_of

    energies = Measurements(renderer).mix_energies(plan)
    integrated_lufs = integrated_from_energies(energies)
    if integrated_lufs <= _SILENCE_LUFS:
        return
    times_s, momentary_lufs = momentary_from_energies(energies)
    # Times are the ends of windows: the last one with sound in it begins where that ends, but for a step.
    late_s = MOMENTARY_S - GATING_HOP_S
    phrases = phrases_of(times_s, momentary_lufs > integrated_lufs - _BREAK_LU, _BREAK_S - late_s)
    for phrase in phrases[:-1]:
        yield Marker(phrase.end_s - late_s, "break")
    ends_s, lufs = short_term_from_energies(energies)
    if lufs.size:
        yield Marker(max(float(ends_s[np.argmax(lufs)]) - SHORT_TERM_S, 0.0), "loudest 3 seconds")
