"""The level rule for any number of stems.

Every source has a level by its role (equal loudness first, Perez-Gonzalez & Reiss 2009, then offsets as human mixes have
them) and one in the balance as given; its fader goes most of the way to the first. The files of one instrument share a
fader, and the pieces of a drum kit are one source. The vocal comes last, against the whole. What goes with another stem,
its reverb, its double or its harmonies, stays below it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from mixrules._support.wording import prints_as_zero, signed
from mixrules.decision import Decision, Quantity
from mixrules.rules.level_faders import LevelSettings
from mixrules.rules.level_sources import PlacedSource, placed_source, sources_of
from mixrules.rules.level_statements import loudness_statements
from mixrules.rules.level_trust import Trust, trust_in_given
from mixrules.rules.level_vocals import (
    VocalAim,
    Voices,
    over_the_lead_lu,
    shift_decisions,
    shifted,
    vocal_aim,
    vocal_decisions,
    voices_of,
)
from mixrules.rules.read_aims import Aim
from mixrules.rules.support import is_support, leads_of
from mixrules.rules.support_level import SupportFader, most_name, support_decision, support_fader
from mixrules.rules.wording import no_vocal, shortfall
from mixrules.session import VOCAL, Session

RULE = "level"
_SOURCE = (
    "equal loudness: Perez-Gonzalez & Reiss 2009, then role offsets: human mixes; loudness: ITU-R BS.1770-5"
)


def by_role(session: Session, settings: LevelSettings) -> list[Decision]:
    """Set every fader: between the balance as given and a level by role, then the vocal against the rest."""
    trust, why = trust_in_given(session, settings)
    # What was given is asked for first; from then on the song is measured as it is now.
    sources = sources_of(session, settings, trust)
    support = {name: leads_of(session, name) for name in session.backing if is_support(session, name)}
    voices = voices_of(session, trust, support)
    of_others = {name: leads for name, leads in support.items() if name not in voices.support}
    placed = [placed_source(session, source, settings) for source in sources]
    faders = _support_faders(session, settings, placed, of_others)
    if session.vocals:
        placed, faders, aim = _under_the_lead(session, settings, trust, voices, placed, faders, of_others)
        last = [
            *shift_decisions(settings),
            *vocal_decisions(session, settings, voices, shifted(aim, settings)),
        ]
    else:
        what, hint = no_vocal(session)
        sentence = f"{what}, so this is mixed as an instrumental{hint}."
        last = [Decision(rule=RULE, source=_SOURCE, sentence=sentence)]
    return [
        why,
        *(_source_decision(session, name, each) for each in placed for name in each.faders_db),
        *(support_decision(session, name, of_others[name], fader) for name, fader in faders.items()),
        *last,
    ]


def aims(session: Session, settings: LevelSettings, decision: Decision) -> list[Aim]:
    """Return which levels a fader was set by."""
    name = decision.stem
    if not name:
        return []
    if is_support(session, name):
        return [Aim(f"{RULE}.{most_name(name)}", "level against what it goes with at most")]
    role = session.role(name)
    if role == VOCAL:
        return [Aim(f"{RULE}.vocal_to_backing_lu", "vocal to backing")]
    if role not in settings.kit_roles:
        offset = settings.offset_name(role, with_lead=bool(session.vocals))
        return [Aim(f"{RULE}.{offset}", f"level of {role.replace('_', ' ')}")]
    return [
        Aim(f"{RULE}.drums_lu", "level of drums"),
        Aim(f"{RULE}.{settings.in_kit_name(role)}", f"{role} within the kit"),
    ]


def _under_the_lead(
    session: Session,
    settings: LevelSettings,
    trust: Trust,
    voices: Voices,
    placed: list[PlacedSource],
    faders: dict[str, SupportFader],
    support: Mapping[str, Sequence[str]],
) -> tuple[list[PlacedSource], dict[str, SupportFader], VocalAim]:
    """Lower the backing vocals until they are under the lead, whose level follows the backing they are part of."""
    aim = vocal_aim(session, settings, trust, voices, placed, _faders_db(placed, faders))
    for _ in range(settings.max_corrections):
        over_lu = over_the_lead_lu(session, settings, placed, aim)
        if prints_as_zero(over_lu):
            return placed, faders, aim
        placed = [each.lowered(over_lu) if each.source.backing_vocal else each for each in placed]
        faders = _support_faders(session, settings, placed, support)
        aim = vocal_aim(session, settings, trust, voices, placed, _faders_db(placed, faders))
    over_lu = over_the_lead_lu(session, settings, placed, aim)
    if prints_as_zero(over_lu):
        return placed, faders, aim
    # They are most of the backing: the lead rises over them.
    why = f"{signed(-settings.backing_vocals_to_lead_lu)} LU against the backing vocals"
    return placed, faders, dataclasses.replace(aim, lufs=aim.lufs + over_lu, why=why)


def _support_faders(
    session: Session,
    settings: LevelSettings,
    placed: Sequence[PlacedSource],
    support: Mapping[str, Sequence[str]],
) -> dict[str, SupportFader]:
    """Set what goes with stems of the backing, one after the other."""
    backing_db = {name: fader_db for each in placed for name, fader_db in each.faders_db.items()}
    faders: dict[str, SupportFader] = {}
    for name, leads in support.items():
        beside = {lead: backing_db[lead] for lead in leads or backing_db}
        faders[name] = support_fader(session, name, beside, settings, alone=not leads)
        backing_db[name] = faders[name].gain_db
    return faders


def _faders_db(placed: Sequence[PlacedSource], support: Mapping[str, SupportFader]) -> dict[str, float]:
    """Return the faders of the whole backing."""
    of_sources = {name: fader_db for each in placed for name, fader_db in each.faders_db.items()}
    return of_sources | {name: fader.gain_db for name, fader in support.items()}


def _source_decision(session: Session, name: str, placed: PlacedSource) -> Decision:
    source = placed.source
    given_lufs = session.scan(name).integrated_lufs
    together = f" together with the rest of the {source.label}" if len(source.relative_lu) > 1 else ""
    way = f", as {source.usual}; as given it was at {given_lufs:.1f} LUFS"
    if placed.lowered_lu > 0.0:
        way = ", which keeps backing vocals under the lead"
    elif source.trust.share > 0.0:
        way = f", {source.trust.from_to(source.as_given_lufs, source.by_role_lufs, source.usual)}"
    aim_lufs = source.aim_lufs - placed.lowered_lu
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            Quantity.of("integrated loudness", session.loudness(name), "LUFS"),
            Quantity.of("integrated loudness as given", given_lufs, "LUFS"),
            Quantity.of("level in the balance as given", source.as_given_lufs, "LUFS"),
        ),
        threshold=f"{source.label} at {aim_lufs:.1f} LUFS",
        parameters={"gain_db": placed.faders_db[name]},
        sentence=(
            f"{name}: fader at {signed(placed.faders_db[name])} dB, for {aim_lufs:.1f} LUFS{together}"
            f"{shortfall(aim_lufs, placed.reached_lufs)}{way}."
        ),
        statements=loudness_statements(tuple(placed.faders_db), placed.reached_lufs),
    )
