"""A system's mix of a song as the measures need it: with every stem as it sits in the mix."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mixrules._support.validation import Audio
from mixrules.engine import Renderer, load_engine
from mixrules.evaluation.reference import MatchedGains, with_matched_stems
from mixrules.evaluation.rendition import Rendition
from mixrules.mix_result import RenderedStems
from mixrules.mixer import render
from mixrules.mixplan import MixPlan
from mixrules.plan_fitting import fitted
from mixrules.session import VOCAL
from mixrules.stems import Stems
from mixrules.systems import Song, System
from mixrules.systems.produce import SHORTER_S, finished_mix, make_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemMix:
    """A system's mix of a song.

    Attributes
    ----------
    rendition : Rendition
        The mix; its stems as the plan renders them, or as they fit a finished mix best.
    plan : MixPlan or None
        What was rendered; None for finished audio.
    notes : tuple of str
        What was noticed and done.
    matched : MatchedGains or None
        Of finished audio, the gains with which the stems come nearest to it.
    """

    rendition: Rendition
    plan: MixPlan | None
    notes: tuple[str, ...]
    matched: MatchedGains | None = None


def mix_of(system: System, song: Song, *, seed: int, plan: MixPlan | None = None) -> SystemMix:
    """Return a system's mix of a song.

    Parameters
    ----------
    system : System
        Who is to make it.
    song : Song
        Of what.
    seed : int
        What chance is drawn from.
    plan : MixPlan, optional
        The plan that the system makes of the song, where it is known already.

    Returns
    -------
    SystemMix

    Raises
    ------
    MixrulesError
        If the system has no mix of this song, or it cannot be used; see `mixrules.systems.produce`. A finished mix
        may be of any length.
    """
    if system.kind not in ("human", "audio"):
        plan = make_plan(system, song, seed=seed) if plan is None else plan
        return SystemMix(rendition=rendered(plan, song.stems, song.vocal), plan=plan, notes=plan.notes)
    produced = finished_mix(system, song)
    given = {stem.name: stem.audio for stem in song.stems}
    mix = Rendition(produced.audio, produced.sample_rate)
    mix, found = with_matched_stems(mix, given, vocals_of(song.stems, song.vocal))
    what = "their balance counts as the mix's" if mix.stems else "too little to speak of a balance"
    note = f"a sum of the stems explains {100 * found.explained_share:.1f} % of the mix's power: {what}"
    length_s, stems_s = mix.samples / mix.sample_rate, song.stems.duration_s
    lengths = (
        f"lasts {length_s:.2f} s, the stems {stems_s:.2f} s: every mix is cut, or padded with silence, to the "
        "reference's length",
    )
    notes = (*produced.notes, *(lengths if abs(length_s - stems_s) > SHORTER_S else ()), note)
    return SystemMix(rendition=mix, plan=None, notes=notes, matched=found)


def rendered(plan: MixPlan, stems: Stems, vocal: Mapping[str, bool] | None = None) -> Rendition:
    """Render a plan; return the mix with every stem as it sits in it, a left and a right of the plan as one."""
    audio = np.asarray(render(stems, plan), np.float32)
    engine = load_engine("native")
    plan, planned_stems = fitted(plan, stems, engine)
    parts = RenderedStems(Renderer(planned_stems, engine), plan, len(audio))
    planned = {strip.name for strip in plan.stems}
    in_mix: dict[str, Audio] = {}
    for stem in stems:
        names = [stem.name] if stem.name in planned else [half.name for half in stem.halves]
        in_mix[stem.name] = functools.reduce(np.add, [parts[name] for name in names])
    return Rendition(audio, stems.sample_rate, in_mix, vocals_of(stems, vocal))


def vocals_of(stems: Stems, vocal: Mapping[str, bool] | None = None) -> tuple[str, ...]:
    """Return the stems that are the vocal and hold sound: those that the data set calls so, else lead vocals."""
    vocal = vocal or {}
    return tuple(stem.name for stem in stems if vocal.get(stem.name, stem.role == VOCAL) and not stem.silent)
