"""The level rule: how loud every stem is.

Two variants. ``vocal_to_backing`` is the published one: the vocal against the sum of everything
else. ``by_role`` is for any number of stems: equal integrated loudness first (Perez-Gonzalez &
Reiss 2009), small offsets by role, the pieces of a drum kit as one source, the vocal last and
against the whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixrules.decision import Decision, Quantity, Statement, StatementKind
from mixrules.rules.words import listed, signed
from mixrules.session import VOCAL, Session

RULE = "level"
_ROUNDS = 3
_SURVEY = "survey-2022 (vocal and backing); loudness: ITU-R BS.1770-5"
_EQUAL = (
    "equal loudness, then role offsets: Perez-Gonzalez & Reiss 2009, De Man et al. 2014; "
    "loudness: ITU-R BS.1770-5"
)

KIT_ROLES = ("drums", "kick", "snare", "toms", "hihat", "cymbals", "percussion")
"""Roles that are balanced among themselves first and then count as one source."""

_OFFSETS = {
    "backing_vocal": "backing_vocal_lu",
    "bass": "bass_lu",
    "guitar": "guitar_lu",
    "piano": "keys_lu",
    "keys": "keys_lu",
    "synth": "keys_lu",
    "strings": "strings_lu",
    "winds": "winds_lu",
    "effects": "effects_lu",
}
_IN_KIT = {
    "kick": "kit_kick_lu",
    "snare": "kit_snare_lu",
    "toms": "kit_toms_lu",
    "cymbals": "kit_cymbals_lu",
    "hihat": "kit_hihat_lu",
    "percussion": "kit_percussion_lu",
}


def vocal_to_backing(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Set the vocal's fader so that vocal minus backing, in integrated loudness, meets the target.

    Settings: ``vocal_to_backing_lu``. Without a vocal or a backing nothing is decided.
    """
    target_lu = settings["vocal_to_backing_lu"]
    if not session.vocals or not session.backing:
        what, hint = _no_vocal(session) if not session.vocals else ("No backing sounds among the stems", "")
        sentence = f"{what}, so every fader stays where it was{hint}."
        return [Decision(rule=RULE, source=_SURVEY, sentence=sentence)]
    vocal, backing = session.loudness(*session.vocals), session.loudness(*session.backing)
    move_db = backing + target_lu - vocal
    if not math.isfinite(move_db):
        return []
    if len(session.vocals) == 1:
        (name,) = session.vocals
        for _ in range(_ROUNDS):  # as in `_moves`: the gates do not move with the fader
            reached = session.loudness_at({name: session.plan.stem(name).gain_db + move_db})
            if math.isfinite(reached):
                move_db += backing + target_lu - reached
    return [
        Decision(
            rule=RULE,
            stem=name,
            source=_SURVEY,
            measured=(
                Quantity.of("vocal", vocal, "LUFS"),
                Quantity.of("backing", backing, "LUFS"),
                Quantity.of("vocal to backing", vocal - backing, "LU"),
            ),
            threshold=f"vocal to backing = {target_lu:g} LU",
            parameters={"gain_db": session.plan.stem(name).gain_db + move_db},
            sentence=(
                f"{name}: fader at {signed(session.plan.stem(name).gain_db + move_db)} dB, for {signed(target_lu, 2)} LU "
                f"against the backing; with the fader at {signed(session.plan.stem(name).gain_db)} dB "
                f"it was {signed(vocal - backing, 2)} LU."
            ),
            statements=_vocal_statements(session, target_lu),
        )
        for name in session.vocals
    ]


def by_role(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Set every fader: equal loudness with an offset by role, then the vocal against the rest.

    Settings: ``reference_lufs``, the ``*_lu`` offsets, ``vocal_to_backing_lu``,
    ``vocal_above_loudest_lu``, ``max_gain_db``.
    """
    decisions: list[Decision] = []
    gains: dict[str, float] = {}
    aims: list[float] = []
    for source in _sources(session, settings):
        aim_lufs = settings["reference_lufs"] + source.offset_lu
        moves = _moves(session, source.relative_lu, aim_lufs, settings["max_gain_db"])
        gains.update(moves)
        reached = session.loudness_at(moves)
        aims.append(reached)
        decisions += [_source_decision(session, name, source, moves, aim_lufs, reached) for name in moves]
    if session.vocals:
        return decisions + _vocal_decisions(session, settings, gains, aims)
    what, hint = _no_vocal(session)
    sentence = f"{what}, so the mix is an instrumental one{hint}."
    return [*decisions, Decision(rule=RULE, source=_EQUAL, sentence=sentence)]


def _no_vocal(session: Session) -> tuple[str, str]:
    """Say that no vocal sounds, and what helps: naming one, unless one is named already."""
    named = [stem.name for stem in session.stems if stem.role == VOCAL]
    if named:
        return (
            f"No lead vocal sounds ({listed(named)} {'is' if len(named) == 1 else 'are'} silent or muted)",
            "",
        )
    return "No lead vocal was found", "; --role FILE=vocal names one"


@dataclass(frozen=True, slots=True)
class _Source:
    """What gets one level of its own: a stem, or a kit with its pieces' levels among themselves."""

    label: str
    relative_lu: Mapping[str, float]
    offset_lu: float


def _sources(session: Session, settings: Mapping[str, Any]) -> list[_Source]:
    """Group the backing into sources: a kit that comes in pieces is one, any other stem is its own."""
    kit: dict[str, float] = {}
    others: list[_Source] = []
    for name in session.backing:
        role = session.role(name)
        if role in KIT_ROLES:
            kit[name] = settings[_IN_KIT[role]] if role in _IN_KIT else 0.0
        else:
            offset = settings[_OFFSETS.get(role, "other_lu")]
            others.append(_Source(session.role_in_words(name), {name: 0.0}, offset))
    if len(kit) == 1:
        kit = dict.fromkeys(kit, 0.0)
    return ([_Source("drum kit", kit, settings["drums_lu"])] if kit else []) + others


def _moves(
    session: Session, relative_lu: Mapping[str, float], aim_lufs: float, max_gain_db: float
) -> dict[str, float]:
    """Return faders that give stems these relative levels and their sum the loudness `aim_lufs`."""
    gains = {
        name: session.plan.stem(name).gain_db + aim_lufs + relative - session.loudness(name)
        for name, relative in relative_lu.items()
    }
    # A sum is louder than its parts; and the gates of the measure do not move with a fader, so that
    # even a single stem may need another look, which costs nothing.
    for _ in range(1 if len(gains) > 1 else _ROUNDS):
        correction = aim_lufs - session.loudness_at(gains)
        if not math.isfinite(correction):
            break
        gains = {name: gain + correction for name, gain in gains.items()}
    return {name: min(max_gain_db, gain) for name, gain in gains.items()}


def _source_decision(
    session: Session, name: str, source: _Source, moves: Mapping[str, float], aim_lufs: float, reached: float
) -> Decision:
    in_kit = len(moves) > 1
    given = session.scan(name).integrated_lufs
    short = _shortfall(aim_lufs, reached)
    aim = "with the rest of the drum kit" if in_kit else f"as {session.role_in_words(name)}"
    return Decision(
        rule=RULE,
        stem=name,
        source=_EQUAL,
        measured=(Quantity.of("integrated loudness", session.loudness(name), "LUFS"),),
        threshold=f"{source.label} at {aim_lufs:g} LUFS",
        parameters={"gain_db": moves[name]},
        sentence=(
            f"{name}: fader at {signed(moves[name])} dB, for {aim_lufs:.1f} LUFS {aim}{short}; "
            f"as given it was at {given:.1f} LUFS."
        ),
        statements=_level_statements(tuple(moves), reached),
    )


def _shortfall(aim_lufs: float, reached_lufs: float) -> str:
    """Return the words for a fader that met its limit; nothing where the aim was reached."""
    return (
        "" if abs(reached_lufs - aim_lufs) < 0.05 else f" (the fader's limit stops it at {reached_lufs:.1f})"
    )


def _vocal_decisions(
    session: Session, settings: Mapping[str, Any], gains: Mapping[str, float], aims: list[float]
) -> list[Decision]:
    """Set the vocals, last: against the whole backing, and no lower than a floor against its loudest source."""
    vocals = session.vocals
    if gains:
        backing = session.loudness_at(gains)
        aim_lufs = backing + settings["vocal_to_backing_lu"]
        why = f"{signed(settings['vocal_to_backing_lu'])} LU against the backing"
        on_top_lufs = max(aims) + settings["vocal_above_loudest_lu"]
        if len(aims) > 1 and on_top_lufs > aim_lufs:
            aim_lufs = on_top_lufs
            why = f"{signed(settings['vocal_above_loudest_lu'])} LU against the loudest other source"
    else:
        backing, aim_lufs, why = -math.inf, settings["reference_lufs"], "the reference level: it stands alone"
    moves = _moves(session, dict.fromkeys(vocals, 0.0), aim_lufs, settings["max_gain_db"])
    reached = session.loudness_at(moves)
    decisions = []
    for name in vocals:
        together = "" if len(vocals) == 1 else f" (together with {listed([v for v in vocals if v != name])})"
        if gains:
            statements = _vocal_statements(session, round(reached - backing, 2))
        else:
            statements = _level_statements(vocals, reached)
        decisions.append(
            Decision(
                rule=RULE,
                stem=name,
                source=_EQUAL,
                measured=(
                    Quantity.of("vocal", session.loudness(name), "LUFS"),
                    Quantity.of("backing", backing, "LUFS"),
                ),
                threshold=f"vocal at {aim_lufs:.1f} LUFS",
                parameters={"gain_db": moves[name]},
                sentence=(
                    f"{name}: fader at {signed(moves[name])} dB{together}, for {aim_lufs:.1f} LUFS, "
                    f"{why}{_shortfall(aim_lufs, reached)}; "
                    f"as given it was at {session.scan(name).integrated_lufs:.1f} LUFS."
                ),
                statements=statements,
            )
        )
    return decisions


def _vocal_statements(session: Session, stated_lu: float) -> tuple[Statement, ...]:
    """Promise the vocals' level against the backing; nothing where stems cancel out to silence."""
    if not math.isfinite(stated_lu):
        return ()
    return (Statement(kind="vocal_to_backing_lu", stems=session.vocals, unit="LU", stated=stated_lu),)


def _level_statements(names: tuple[str, ...], reached_lufs: float) -> tuple[Statement, ...]:
    """Promise the loudness of some stems together; nothing where they cancel out to silence."""
    if not math.isfinite(reached_lufs):
        return ()
    kind: StatementKind = "group_integrated_lufs" if len(names) > 1 else "stem_integrated_lufs"
    return (Statement(kind=kind, stems=names, unit="LUFS", stated=round(reached_lufs, 2)),)
