"""The reverb rule for any number of stems: one room for all that is dry, its decay from the tempo.

Every stem that is dry is put into the room, quietly; what is low, percussive or stereo enough to have
a space of its own is left alone. Amounts: De Man, McNally & Reiss 2017; Pestana & Reiss 2014.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.wording import signed
from mixrules.decision import Decision, Quantity
from mixrules.mixplan import ReverbBus
from mixrules.processors import ReverbParams
from mixrules.rules.read_aims import Aim
from mixrules.rules.reverb_bus import (
    RULE,
    RoomSettings,
    corner_hz,
    room_decision,
    send_decision,
    song_tempo,
    t60_aims,
)
from mixrules.rules.room_for_notes import decisive_stem, densest_gap_s, level_by_density, longest_t60_s
from mixrules.rules.support import treated_as
from mixrules.session import SUPPORT, Session

_SOURCE = "De Man, McNally & Reiss 2017; Pestana & Reiss 2014"

# Note values are fractions of a whole note, which is four beats.
_BEATS_PER_WHOLE_NOTE = 4
_MS_PER_MINUTE = 60_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRoomSettings(RoomSettings):
    """The constants of ``reverb:shared_room``; the presets say what each means."""

    pre_delay_near_ms: float
    pre_delay_notes: tuple[float, ...]
    low_cut_hz: float
    high_cut_hz: float
    no_reverb_roles: tuple[str, ...]
    dry_side_to_mid_db: float
    vocal_roles: tuple[str, ...]
    vocal_to_dry_lu: float
    other_to_dry_lu: float
    left_at_next_note_db: float
    sparse_below_db: float
    sparse_more_lu: float
    gap_stretch_s: float


NO_REVERB_LU = -60.0
"""The lowest level of a return that a preset may ask for: none."""


def shared_room(session: Session, settings: SharedRoomSettings) -> list[Decision]:
    """Put the stems that are dry into one room."""
    names = [stem.name for stem in session.active]
    reasons = {name: _why_no_reverb(session, name, settings) for name in names}
    dry = [name for name in names if not reasons[name] and _usual_lu(session, name, settings) > NO_REVERB_LU]
    left_alone = [_left_alone(session, name, reasons[name], settings) for name in names if reasons[name]]
    if not dry:
        return left_alone
    tempo = song_tempo(session, session.backing or names, settings)
    gaps_s = session.each(dry, lambda name: densest_gap_s(session, name, settings.gap_stretch_s))
    usual_lu = {name: _usual_lu(session, name, settings) for name in dry}
    by_tempo_s = settings.t60_s(tempo.room_bpm)
    most_left_db = settings.left_at_next_note_db
    longest_s = {
        name: longest_t60_s(gaps_s[name], usual_lu[name], most_left_db, settings.t60_min_s, by_tempo_s)
        for name in dry
    }
    decisive = decisive_stem(session, longest_s)
    t60_s = longest_s[decisive]
    params = ReverbParams(
        t60_s=t60_s,
        room_size_m=settings.room_size_m,
        lines=settings.lines,
        high_shelf_hz=corner_hz(settings.high_shelf_hz, session.sample_rate),
        high_shelf_q=settings.high_shelf_q,
        high_shelf_db_per_s=settings.high_shelf_db_per_s,
        pre_delay_ms=_nearest_note_ms(settings.pre_delay_near_ms, settings.pre_delay_notes, tempo.room_bpm),
        low_cut_hz=settings.low_cut_hz,
        high_cut_hz=corner_hz(settings.high_cut_hz, session.sample_rate),
    )
    bus = ReverbBus(name="room", params=params)
    shorter_because = ""
    if t60_s < by_tempo_s:
        gap_s = gaps_s[decisive]
        shorter_because = (
            f"{decisive} has a note every {gap_s:.2f} s at its densest, which a longer one would blur"
        )
    to_dry_lu, because = {}, {}
    for name in dry:
        to_dry_lu[name], because[name] = level_by_density(
            gaps_s[name],
            usual_lu[name],
            t60_s,
            most_left_db=most_left_db,
            sparse_below_db=settings.sparse_below_db,
            sparse_more_lu=settings.sparse_more_lu,
        )
    levels = session.send_levels(to_dry_lu, bus)
    sends = [
        send_decision(
            session,
            name,
            bus,
            levels[name],
            to_dry_lu[name],
            _why_dry(session, name) + because[name],
            _SOURCE,
            gap_s=gaps_s[name],
        )
        for name in dry
    ]
    room = room_decision(
        session, bus, tempo, settings, shorter_because=shorter_because, gap_s=gaps_s[decisive]
    )
    return [room, *sends, *left_alone]


def aims(session: Session, settings: SharedRoomSettings, decision: Decision) -> list[Aim]:
    """Return the time of the room, or how loud a stem's return was to be."""
    if not decision.stem:
        return t60_aims()
    if not decision.parameters:
        return []
    return [Aim(f"{RULE}.{_usual_name(session, decision.stem, settings)}", "reverb to dry")]


def _why_no_reverb(session: Session, name: str, settings: SharedRoomSettings) -> str:
    """Return why a stem gets no reverb; empty where it should have one."""
    role = treated_as(session, name)
    if role in settings.no_reverb_roles:
        if role == SUPPORT:
            return "as it is the reverb or delay of another stem"
        return f"as the rule keeps {role.replace('_', ' ')} dry"
    side_to_mid_db = session.scan(name).side_to_mid_db
    if side_to_mid_db > settings.dry_side_to_mid_db:
        if session.scan(name).in_opposite_phase:
            return "as it is as wide as can be, its right channel its left one upside down"
        return (
            f"as its stereo sound has a space of its own (side to mid {signed(side_to_mid_db)} dB; below "
            f"{settings.dry_side_to_mid_db:g} it would count as dry)"
        )
    return ""


def _why_dry(session: Session, name: str) -> str:
    side_to_mid_db = session.scan(name).side_to_mid_db
    nearly = f"nearly mono (side to mid {side_to_mid_db:.0f} dB)" if math.isfinite(side_to_mid_db) else "mono"
    return f"it is {nearly} and has no space of its own"


def _left_alone(session: Session, name: str, why: str, settings: SharedRoomSettings) -> Decision:
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(Quantity.of("side to mid", session.scan(name).side_to_mid_db, "dB"),),
        threshold=f"side to mid of {settings.dry_side_to_mid_db:g} dB",
        sentence=f"{name}: no reverb, {why}.",
    )


def _nearest_note_ms(wanted_ms: float, notes: Sequence[float], bpm: float) -> float:
    """Return the note value nearest to a time, in ms; a sixteenth note is 16."""
    whole_note_ms = _BEATS_PER_WHOLE_NOTE * _MS_PER_MINUTE / bpm
    notes_ms = [whole_note_ms / note for note in notes]
    nearest_ms: float = min(notes_ms, key=lambda note_ms: abs(note_ms - wanted_ms))
    return round(nearest_ms, 2)


def _usual_lu(session: Session, name: str, settings: SharedRoomSettings) -> float:
    """Return the level of a stem's return against the dry stem, before its density is looked at."""
    return float(getattr(settings, _usual_name(session, name, settings)))


def _usual_name(session: Session, name: str, settings: SharedRoomSettings) -> str:
    """Return which setting that is."""
    return "vocal_to_dry_lu" if treated_as(session, name) in settings.vocal_roles else "other_to_dry_lu"
