"""The published reverb rule: a room for the vocal alone, its reverberation time from the backing's tempo.

RULES: preset ``survey-2022``, after likelian/Lab_spring2022 (2022). The reverb has a share of the vocal's amplitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mixrules.decision import Decision
from mixrules.mixplan import ReverbBus
from mixrules.processors import ReverbParams
from mixrules.rules.read_aims import Aim
from mixrules.rules.reverb_bus import (
    RULE,
    TEMPO_SOURCE,
    RoomSettings,
    corner_hz,
    room_decision,
    send_decision,
    song_tempo,
    t60_aims,
)
from mixrules.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class VocalReverbSettings(RoomSettings):
    """The constants of ``reverb:vocal``; the presets say what each means."""

    low_shelf_hz: float
    low_shelf_q: float
    low_shelf_db_per_s: float
    fade_in_s: float
    wet_share: float


def vocal(session: Session, settings: VocalReverbSettings) -> list[Decision]:
    """Give the vocal a reverb whose time follows the backing's tempo."""
    share = settings.wet_share
    if not session.vocals or share == 0.0:
        return []
    tempo = song_tempo(session, session.backing or session.vocals, settings)
    params = ReverbParams(
        t60_s=settings.t60_s(tempo.room_bpm),
        room_size_m=settings.room_size_m,
        lines=settings.lines,
        low_shelf_hz=settings.low_shelf_hz,
        low_shelf_q=settings.low_shelf_q,
        low_shelf_db_per_s=settings.low_shelf_db_per_s,
        high_shelf_hz=corner_hz(settings.high_shelf_hz, session.sample_rate),
        high_shelf_q=settings.high_shelf_q,
        high_shelf_db_per_s=settings.high_shelf_db_per_s,
        fade_in_s=settings.fade_in_s,
    )
    bus = ReverbBus(name="vocal room", params=params)
    to_dry_lu = 20.0 * math.log10(share / (1.0 - share))
    levels = session.send_levels(dict.fromkeys(session.vocals, to_dry_lu), bus)
    why = f"the preset asks for a wet share of {share:g}"
    return [
        room_decision(session, bus, tempo, settings),
        *(
            send_decision(session, name, bus, levels[name], to_dry_lu, why, TEMPO_SOURCE)
            for name in session.vocals
        ),
    ]


def aims(session: Session, settings: VocalReverbSettings, decision: Decision) -> list[Aim]:
    """Return the time of the room, or how much of it the vocal gets."""
    return [Aim(f"{RULE}.wet_share", "wet share")] if decision.stem else t60_aims()
