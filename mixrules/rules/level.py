"""The level rule for any number of stems.

Equal integrated loudness first (Perez-Gonzalez & Reiss 2009), with small offsets by role; the pieces
of a drum kit as one source; the vocal last and against the whole (De Man et al. 2014). What goes with
another stem, its reverb or its double, stays below it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixrules.decision import Decision, Quantity
from mixrules.rules.level_faders import LevelSettings, faders_db_for
from mixrules.rules.level_statements import loudness_statements, vocal_statements
from mixrules.rules.support import is_support, leads_of
from mixrules.rules.support_level import SupportFader, support_decision, support_fader, support_faders_for
from mixrules.rules.wording import listed, no_vocal, prints_as_zero, signed
from mixrules.session import Session

RULE = "level"
_SOURCE = (
    "equal loudness, then role offsets: Perez-Gonzalez & Reiss 2009, De Man et al. 2014; "
    "loudness: ITU-R BS.1770-5"
)


@dataclass(frozen=True, slots=True)
class _Source:
    """What gets one level of its own: a stem, or a kit with its pieces' levels among themselves."""

    label: str
    relative_lu: Mapping[str, float]
    offset_lu: float


def by_role(session: Session, settings: LevelSettings) -> list[Decision]:
    """Set every fader: equal loudness with an offset by role, then the vocal against the rest."""
    decisions: list[Decision] = []
    backing_db: dict[str, float] = {}
    sources_lufs: list[float] = []
    for source in _sources(session, settings):
        aim_lufs = settings.reference_lufs + source.offset_lu
        faders_db = faders_db_for(session, source.relative_lu, aim_lufs, settings)
        reached_lufs = session.loudness_at(faders_db)
        backing_db.update(faders_db)
        sources_lufs.append(reached_lufs)
        decisions += [
            _source_decision(session, name, source, faders_db, aim_lufs, reached_lufs) for name in faders_db
        ]
    support = {name: leads_of(session, name) for name in session.backing if is_support(session, name)}
    of_vocals = {
        name: leads for name, leads in support.items() if leads and set(leads) <= set(session.vocals)
    }
    for name, leads in support.items():
        if name in of_vocals:
            continue
        beside = {lead: backing_db[lead] for lead in leads or backing_db}
        fader = support_fader(session, name, beside, settings, alone=not leads)
        backing_db[name] = fader.gain_db
        decisions.append(support_decision(session, name, leads, fader))
    if session.vocals:
        return decisions + _vocal_decisions(session, settings, backing_db, sources_lufs, of_vocals)
    what, hint = no_vocal(session)
    sentence = f"{what}, so the mix is an instrumental one{hint}."
    return [*decisions, Decision(rule=RULE, source=_SOURCE, sentence=sentence)]


def _sources(session: Session, settings: LevelSettings) -> list[_Source]:
    """Group the backing into sources: a kit that comes in pieces is one, any other stem is its own."""
    kit_lu: dict[str, float] = {}
    others: list[_Source] = []
    for name in session.backing:
        if is_support(session, name):
            continue
        role = session.role(name)
        if role in settings.kit_roles:
            kit_lu[name] = settings.in_kit_lu(role)
        else:
            others.append(_Source(session.role_in_words(name), {name: 0.0}, settings.offset_lu(role)))
    if len(kit_lu) == 1:
        kit_lu = dict.fromkeys(kit_lu, 0.0)
    return ([_Source("drum kit", kit_lu, settings.drums_lu)] if kit_lu else []) + others


def _source_decision(
    session: Session,
    name: str,
    source: _Source,
    faders_db: Mapping[str, float],
    aim_lufs: float,
    reached_lufs: float,
) -> Decision:
    given_lufs = session.scan(name).integrated_lufs
    in_kit = len(faders_db) > 1
    aim = "with the rest of the drum kit" if in_kit else f"as {session.role_in_words(name)}"
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(Quantity.of("integrated loudness", session.loudness(name), "LUFS"),),
        threshold=f"{source.label} at {aim_lufs:g} LUFS",
        parameters={"gain_db": faders_db[name]},
        sentence=(
            f"{name}: fader at {signed(faders_db[name])} dB, for {aim_lufs:.1f} LUFS {aim}"
            f"{_shortfall(aim_lufs, reached_lufs)}; as given it was at {given_lufs:.1f} LUFS."
        ),
        statements=loudness_statements(tuple(faders_db), reached_lufs),
    )


def _shortfall(aim_lufs: float, reached_lufs: float) -> str:
    """Return the words for a fader that met its limit; nothing where the aim was reached."""
    if prints_as_zero(reached_lufs - aim_lufs):
        return ""
    if not math.isfinite(reached_lufs):
        return " (together they cancel out: one of them has its polarity reversed)"
    return f" (the fader's limit stops it at {reached_lufs:.1f})"


def _vocal_decisions(
    session: Session,
    settings: LevelSettings,
    backing_db: Mapping[str, float],
    sources_lufs: Sequence[float],
    support: Mapping[str, Sequence[str]],
) -> list[Decision]:
    """Set the vocals, last: against the whole backing, and no lower than a floor against its loudest source.

    Their reverbs and doubles count with them, as they do in a vocal stem that was mixed.
    """
    vocals = session.vocals
    backing_lufs = session.loudness_at(backing_db) if backing_db else -math.inf
    has_backing = math.isfinite(backing_lufs)
    if has_backing:
        aim_lufs = backing_lufs + settings.vocal_to_backing_lu
        why = f"{signed(settings.vocal_to_backing_lu)} LU against the backing"
        floor_lufs = max(sources_lufs) + settings.vocal_above_loudest_lu
        if len(sources_lufs) > 1 and floor_lufs > aim_lufs:
            aim_lufs = floor_lufs
            why = f"{signed(settings.vocal_above_loudest_lu)} LU against the loudest other source"
    else:
        aim_lufs = settings.reference_lufs
        why = f"the reference level: {'the backing cancels out' if backing_db else 'it stands alone'}"
    faders_db, support_faders = _vocal_faders(session, settings, aim_lufs, support)
    together_db = faders_db | {name: fader.gain_db for name, fader in support_faders.items()}
    reached_lufs = session.loudness_at(together_db)
    if has_backing:
        statements = vocal_statements(tuple(together_db), round(reached_lufs - backing_lufs, 2))
    else:
        statements = loudness_statements(tuple(together_db), reached_lufs)

    def decide(name: str) -> Decision:
        others = [other for other in together_db if other != name]
        together = f" (together with {listed(others)})" if others else ""
        return Decision(
            rule=RULE,
            stem=name,
            source=_SOURCE,
            measured=(
                Quantity.of("vocal", session.loudness(name), "LUFS"),
                Quantity.of("backing", backing_lufs, "LUFS"),
            ),
            threshold=f"vocal at {aim_lufs:.1f} LUFS",
            parameters={"gain_db": faders_db[name]},
            sentence=(
                f"{name}: fader at {signed(faders_db[name])} dB{together}, for {aim_lufs:.1f} LUFS, "
                f"{why}{_shortfall(aim_lufs, reached_lufs)}; "
                f"as given it was at {session.scan(name).integrated_lufs:.1f} LUFS."
            ),
            statements=statements,
        )

    return [decide(name) for name in vocals] + [
        support_decision(session, name, support[name], fader) for name, fader in support_faders.items()
    ]


def _vocal_faders(
    session: Session, settings: LevelSettings, aim_lufs: float, support: Mapping[str, Sequence[str]]
) -> tuple[dict[str, float], dict[str, SupportFader]]:
    """Return the faders of the vocals and of their support at which all of them together have a loudness."""
    vocals_db = faders_db_for(session, dict.fromkeys(session.vocals, 0.0), aim_lufs, settings)
    own_aim_lufs, faders = aim_lufs, support_faders_for(session, settings, vocals_db, support)
    for _ in range(settings.max_corrections if support else 0):
        error_lu = aim_lufs - session.loudness_at(vocals_db | {n: f.gain_db for n, f in faders.items()})
        if not math.isfinite(error_lu):
            break
        own_aim_lufs += error_lu
        vocals_db = faders_db_for(session, dict.fromkeys(session.vocals, 0.0), own_aim_lufs, settings)
        faders = support_faders_for(session, settings, vocals_db, support)
    return vocals_db, faders
