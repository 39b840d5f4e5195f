"""What the stems of a reference tell, under the plan that mixes them or at the faders that a finished mix has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mixrules._support.validation import SlicedAudio
from mixrules._support.wording import listed
from mixrules.analysis import StereoPowers, octave_bands
from mixrules.analysis.matched_gains import EXPLAINED_SHARE, MatchedGains, matched_gains
from mixrules.analysis.width import MONO_SIDE_DB
from mixrules.engine import Renderer, load_engine
from mixrules.errors import AudioError
from mixrules.measurements import Measurements
from mixrules.mixplan import MixPlan, starting_plan
from mixrules.plan_fitting import fitted
from mixrules.presets import load as load_preset
from mixrules.processors import db_to_gain, gain_to_db
from mixrules.reference.finished_mix import FinishedMix, mix_readings, require_long_enough
from mixrules.reference.targets import ReferenceTargets, SourceTarget, StemTarget
from mixrules.rules import RULES
from mixrules.rules.instruments import instruments
from mixrules.rules.level_faders import LevelSettings
from mixrules.rules.level_trust import nobody_balanced
from mixrules.rules.support import is_support, leads_of, treated_as
from mixrules.ruleset import typed_settings
from mixrules.session import UNKNOWN, VOCAL, Session
from mixrules.statement_kinds import SLOPE_BETWEEN_HZ
from mixrules.stems import Stems
from mixrules.stems.resampling import resampled, resampled_in_blocks
from mixrules.stems.roles import is_double

_BLOCK_SAMPLES = 1 << 18
_NARROWER_DB = 3.0
"""Where the sum of the stems has so much less side than their mix, the mix has placed them, and they tell no widths."""
_INSTRUMENTS = "instruments:one_source"


def song_targets(
    stems: Stems,
    *,
    name: str,
    plan: MixPlan | None = None,
    mix: FinishedMix | None = None,
    threads: int | None = None,
) -> ReferenceTargets:
    """Measure a reference of which there are stems.

    Parameters
    ----------
    stems : Stems
        The stems.
    name : str
        What sentences call the reference.
    plan : MixPlan, optional
        The plan by which they are mixed; they are measured as it has them.
    mix : FinishedMix, optional
        Their finished mix: without a plan the faders are those at which the stems come nearest to it.
    threads : int, optional
        How many stems to work on at once.

    Returns
    -------
    ReferenceTargets

    Raises
    ------
    AudioError
        If the stems are shorter than 3 s, or every one is silent or muted.
    PlanError
        If the plan is for other stems.
    """
    require_long_enough(stems.duration_s, name)
    engine = load_engine("native")
    notes: list[str] = []
    if plan is not None:
        plan, stems = fitted(plan, stems, engine, source=f"the plan of {name}")
        plan = plan.replace(decisions=())
    elif mix is not None:
        plan, said = _plan_of_mix(stems, mix)
        notes += said
    balanced = plan is not None
    session = Session(
        stems,
        plan or starting_plan(stems),
        measurements=Measurements(Renderer(stems, engine, threads=threads)),
    )
    if not session.active:
        raise AudioError(f"{name}: every stem is silent or muted, a reference that holds sound is needed")
    rules = load_preset()
    if all(strip.instrument is None for strip in session.plan.stems):
        session.apply(RULES[_INSTRUMENTS].decide(session, rules, "instruments"))
    settings = typed_settings(rules, "level", LevelSettings)
    if plan is None and mix is None:
        alike = nobody_balanced(session, settings)
        balanced = not alike
        notes += [f"{alike}, so levels are not read"] if alike else []
    values, not_read = _of_the_mix(session, mix, finished=plan is not None)
    notes += not_read
    if balanced:
        values |= _balance(session, settings)
    mix_db = max(values.get("side_to_mid_db", -math.inf), MONO_SIDE_DB)
    has_widths = _side_to_mid_db(session) > mix_db - _NARROWER_DB or mix_db == MONO_SIDE_DB
    if mix is not None and not has_widths:
        notes.append(f"the stems alone are narrower than {mix.file}: their widths are not read")
    return ReferenceTargets(
        name=name,
        has_vocal=bool(session.vocals),
        stems=_stems(session, widths=has_widths),
        t60_s=tuple(bus.params.t60_s for bus in session.plan.reverbs if _is_fed(session, bus.name)),
        notes=tuple(notes),
        **values,
    )


def _plan_of_mix(stems: Stems, mix: FinishedMix) -> tuple[MixPlan | None, list[str]]:
    """Return the faders at which the stems come nearest to their mix; None where they are not its stems."""
    audio: Any = mix.audio
    rates = mix.sample_rate, stems.sample_rate
    if rates[0] != rates[1]:
        sliced = isinstance(audio, SlicedAudio)
        audio = resampled_in_blocks(audio, *rates) if sliced else resampled(audio, *rates)
    found = matched_gains({stem.name: stem.audio for stem in stems if not stem.silent}, audio)
    if found.explained_share < EXPLAINED_SHARE:
        share = f"{100.0 * max(found.explained_share, 0.0):.0f} %"
        why = f"a sum of the stems explains {share} of {mix.file}, so levels are not read"
        return None, [f"{why}: stems that were processed, or of another song"]
    return _faders(stems, found), _absent(found, mix.file)


def _faders(stems: Stems, found: MatchedGains) -> MixPlan:
    plan = starting_plan(stems)
    for name, gain_db in found.gains_db.items():
        changes: dict[str, Any] = {"gain_db": gain_db} if math.isfinite(gain_db) else {"mute": True}
        plan = plan.replace_stem(name, **changes)
    return plan


def _absent(found: MatchedGains, file: str) -> list[str]:
    absent = [name for name, gain_db in found.gains_db.items() if not math.isfinite(gain_db)]
    return [f"{listed(absent)} {'is' if len(absent) == 1 else 'are'} not in {file}"] if absent else []


def _of_the_mix(
    session: Session, mix: FinishedMix | None, *, finished: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what is read of the whole: of the finished mix, else of the sum; a mere sum has no loudness to aim at."""
    if mix is not None:
        return mix_readings(mix)
    plan, measurements = session.plan, session.measurements
    values: dict[str, Any] = {
        "slope_db_per_octave": measurements.mix_spectrum(plan, plan.master).slope_db_per_octave(
            *SLOPE_BETWEEN_HZ
        ),
        "side_to_mid_db": _side_to_mid_db(session),
    }
    if not finished:
        return values, ("stems without a finished mix: the loudness of a mix is not read",)
    loudness = measurements.mastered_loudness(plan, plan.master)
    return values | {
        "integrated_lufs": loudness.integrated_lufs,
        "loudness_range_lu": loudness.loudness_range_lu,
    }, ()


def _side_to_mid_db(session: Session) -> float:
    audio = session.measurements.mixdown(session.plan).sliced(session.plan.master)
    stereo = StereoPowers(2)
    for start in range(0, len(audio), _BLOCK_SAMPLES):
        stereo.update(np.ascontiguousarray(audio[start : start + _BLOCK_SAMPLES]))
    return stereo.side_to_mid_db()


def _balance(session: Session, settings: LevelSettings) -> dict[str, Any]:
    """Return the levels of the sources, and of the vocals against them."""
    support = {
        stem.name: leads_of(session, stem.name) for stem in session.active if is_support(session, stem.name)
    }
    vocals = [
        *session.vocals,
        *(name for name, leads in support.items() if leads and {*leads} <= {*session.vocals}),
    ]
    rest = [name for name in session.backing if name not in vocals]
    sources = _sources(session, settings)
    values: dict[str, Any] = {"sources": sources}
    if session.vocals:
        lead_lufs = session.loudness(*vocals)
        if rest:
            values["vocal_to_backing_lu"] = lead_lufs - session.loudness(*rest)
        if len(sources) > 1:
            values["vocal_to_loudest_lu"] = lead_lufs - max(each.lufs for each in sources)
        harmonies = [name for name in session.backing if session.role(name) == "backing_vocal"]
        if harmonies:
            values["backing_vocals_to_lead_lu"] = session.loudness(*harmonies) - lead_lufs
    to_lead_lu: dict[bool, list[float]] = {True: [], False: []}
    for name, leads in support.items():
        if leads:
            to_lead_lu[is_double(name)].append(session.loudness(name) - session.loudness(*leads))
    values["doubles_to_lead_lu"], values["returns_to_lead_lu"] = (
        tuple(each for each in to_lead_lu[double] if math.isfinite(each)) for double in (True, False)
    )
    return {
        key: value for key, value in values.items() if not isinstance(value, float) or math.isfinite(value)
    }


def _sources(session: Session, settings: LevelSettings) -> tuple[SourceTarget, ...]:
    """Return the sources of the backing with their levels: the pieces of a kit are one."""
    kit: list[tuple[str, tuple[str, ...]]] = []
    found = []
    for instrument in instruments(session):
        role = session.role(instrument.names[0])
        if role in settings.kit_roles:
            kit.append((role, instrument.names))
        elif role != VOCAL:
            found.append(SourceTarget(role=role, lufs=session.loudness(*instrument.names)))
    if kit:
        pieces = [(role, session.loudness(*names)) for role, names in kit]
        lufs = session.loudness(*(name for _, names in kit for name in names))
        found.append(SourceTarget(role="drums", lufs=lufs, pieces=_finite(pieces), kit_pieces=len(kit)))
    return tuple(source for source in found if math.isfinite(source.lufs))


def _finite(pieces: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(piece for piece in pieces if math.isfinite(piece[1])) if len(pieces) > 1 else ()


def _stems(session: Session, *, widths: bool) -> tuple[StemTarget, ...]:
    """Return what each stem measures."""
    names = [stem.name for stem in session.active]
    octaves_db = _octaves_db(session, names)

    def measured(name: str) -> StemTarget:
        levels, plan = session.measurements.levels, session.plan
        return StemTarget(
            role=treated_as(session, name),
            loudness_range_lu=levels.loudness_range(plan, name, dry=True),
            crest_db=levels.crest_db(plan, name),
            octaves_db=octaves_db.get(name, ()),
            side_to_mid_db=levels.side_to_mid_db(plan, name) if widths else math.nan,
            reverb_to_dry_lu=_reverb_to_dry_lu(session, name),
        )

    return tuple(session.each(names, measured).values())


def _octaves_db(session: Session, names: list[str]) -> Mapping[str, tuple[float, ...]]:
    """Return the octave levels of the stems whose names say their role, as their equalisers leave them."""
    known = [name for name in names if session.stems[name].role != UNKNOWN]
    bands = octave_bands().below(session.sample_rate / 2)
    return {
        name: tuple(
            spectrum.filtered(session.plan.stem(name).equalizer, session.sample_rate)
            .levels_db(bands)
            .tolist()
        )
        for name, spectrum in session.spectra(known).items()
        if spectrum.powers.any()
    }


def _reverb_to_dry_lu(session: Session, name: str) -> float:
    """Return the loudness of all of a stem's reverbs against the dry stem; NaN where it has none."""
    ratios_lu = [
        session.measurements.levels.reverb_to_dry_lu(session.plan, name, send.to)
        for send in session.plan.stem(name).sends
    ]
    powers = [db_to_gain(each) ** 2 for each in ratios_lu if math.isfinite(each)]
    return gain_to_db(math.sqrt(sum(powers))) if powers else math.nan


def _is_fed(session: Session, bus: str) -> bool:
    return any(send.to == bus for stem in session.active for send in session.plan.stem(stem.name).sends)
