"""What a plan tells without its stems: what its decisions state, as measured where that was done, and its rooms."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mixrules.decision import Statement
from mixrules.errors import PlanError
from mixrules.mixplan import MixPlan
from mixrules.presets import load as load_preset
from mixrules.reference.targets import ReferenceTargets, SourceTarget, StemTarget
from mixrules.rules.level_faders import LevelSettings
from mixrules.ruleset import typed_settings
from mixrules.session import SUPPORT, VOCAL
from mixrules.stems.roles import is_double

_DRUMS = "drums"


def stated_targets(plan: MixPlan, *, name: str) -> ReferenceTargets:
    """Return what a plan states of its mix.

    Parameters
    ----------
    plan : MixPlan
        The plan; decisions that a later one took the place of do not count.
    name : str
        What sentences call the reference.

    Returns
    -------
    ReferenceTargets
        Spectra of stems are never stated. Levels are, by the rules of preset ``default``.

    Raises
    ------
    PlanError
        If it states nothing that could be read, and has no room.
    """
    roles = {strip.name: strip.role for strip in plan.stems if not strip.mute}
    stated = [each for each in _statements(plan) if set(each.stems) <= set(roles)]
    sources, vocal_lufs = _levels(stated, roles)
    support = [each for each in stated if each.kind == "support_to_lead_lu"]
    to_backing_lu = [_value(each) for each in stated if each.kind == "vocal_to_backing_lu"]
    made = ReferenceTargets(
        name=name,
        sources=sources,
        has_vocal=VOCAL in roles.values(),
        vocal_to_backing_lu=to_backing_lu[-1] if to_backing_lu else math.nan,
        vocal_to_loudest_lu=_to_loudest_lu(vocal_lufs, sources),
        returns_to_lead_lu=tuple(_value(each) for each in support if not is_double(each.stems[0])),
        doubles_to_lead_lu=tuple(_value(each) for each in support if is_double(each.stems[0])),
        stems=tuple(_stem(stem, role, stated) for stem, role in roles.items()),
        t60_s=tuple(bus.params.t60_s for bus in plan.reverbs if _is_fed(plan, bus.name)),
        integrated_lufs=_last(stated, "mix_integrated_lufs", _footer(plan, "integrated_lufs")),
        loudness_range_lu=_footer(plan, "loudness_range_lu"),
        slope_db_per_octave=_last(stated, "mix_slope_db_per_octave", math.nan),
        notes=("a plan without its stems: only what it states is read",),
    )
    if not stated and not made.t60_s and math.isnan(made.integrated_lufs):
        raise PlanError(f"{name} states nothing of its mix: name its stems too, as FOLDER=PLAN")
    return made


def _statements(plan: MixPlan) -> Iterator[Statement]:
    for decision in plan.decisions:
        if not decision.superseded:
            yield from decision.statements


def _value(statement: Statement) -> float:
    return statement.stated if statement.measured is None else statement.measured


def _last(stated: list[Statement], kind: str, otherwise: float) -> float:
    found = [_value(each) for each in stated if each.kind == kind]
    return found[-1] if found else otherwise


def _footer(plan: MixPlan, field: str) -> float:
    value = getattr(plan.result, field) if plan.result else None
    return math.nan if value is None else float(value)


def _levels(stated: list[Statement], roles: dict[str, str]) -> tuple[tuple[SourceTarget, ...], float]:
    """Return the sources of the backing with their levels, each once, and the loudness of the vocals."""
    kit_roles = typed_settings(load_preset(), "level", LevelSettings).kit_roles
    sources: dict[frozenset[str], SourceTarget] = {}
    for each in stated:
        if each.kind not in ("stem_integrated_lufs", "group_integrated_lufs"):
            continue
        role = roles[each.stems[0]]
        if role in (VOCAL, SUPPORT):
            continue
        in_kit = role in kit_roles
        sources[frozenset(each.stems)] = SourceTarget(
            role=_DRUMS if in_kit else role, lufs=_value(each), kit_pieces=len(each.stems) if in_kit else 0
        )
    to_backing = [_value(each) for each in stated if each.kind == "vocal_to_backing_lu"]
    powers = sum(10.0 ** (source.lufs / 10.0) for source in sources.values())
    if not to_backing or not powers:
        return tuple(sources.values()), math.nan
    return tuple(sources.values()), 10.0 * math.log10(powers) + to_backing[-1]


def _to_loudest_lu(vocal_lufs: float, sources: tuple[SourceTarget, ...]) -> float:
    return vocal_lufs - max(source.lufs for source in sources) if len(sources) > 1 else math.nan


def _stem(name: str, role: str, stated: list[Statement]) -> StemTarget:
    own = [each for each in stated if each.stems == (name,)]
    return StemTarget(
        role=role,
        loudness_range_lu=_last(own, "stem_loudness_range_lu", math.nan),
        crest_db=_last(own, "stem_crest_db", math.nan),
        side_to_mid_db=_last(own, "stem_side_to_mid_db", math.nan),
        reverb_to_dry_lu=_last(own, "reverb_to_dry_lu", math.nan),
    )


def _is_fed(plan: MixPlan, bus: str) -> bool:
    return any(send.to == bus for strip in plan.stems if not strip.mute for send in strip.sends)
