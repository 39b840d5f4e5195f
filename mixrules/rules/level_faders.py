"""The constants of the level rule for any number of stems, and the faders that bring stems to a loudness."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from mixrules.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSettings:
    """The constants of ``level:by_role``; the presets say what each means."""

    reference_lufs: float
    vocal_to_backing_lu: float
    vocal_above_loudest_lu: float
    vocal_shift_db: float
    trust_given: float
    trust_read: float
    trust_within_lu: float
    vocal_trust_within_lu: float
    normalised_within_db: float
    normalised_within_lu: float
    recorded_within_db: float
    fewest_alike: int
    backing_vocal_lu: float
    backing_vocals_to_lead_lu: float
    choir_lu: float
    drums_lu: float
    bass_lu: float
    guitar_lu: float
    piano_lu: float
    keys_lu: float
    synth_lu: float
    strings_lu: float
    winds_lu: float
    effects_lu: float
    other_lu: float
    accompaniment_lu: float
    kit_pieces_lu: float
    kit_drums_lu: float
    kit_kick_lu: float
    kit_snare_lu: float
    kit_toms_lu: float
    kit_cymbals_lu: float
    kit_hihat_lu: float
    kit_percussion_lu: float
    support_return_lu: float
    support_double_lu: float
    max_gain_db: float
    kit_roles: tuple[str, ...]
    keys_roles: tuple[str, ...]
    max_corrections: int
    max_corrections_together: int

    def offset_name(self, role: str, *, with_lead: bool) -> str:
        """Return which setting says how far from the reference a source of a role stands."""
        if role in self.keys_roles:
            return "keys_lu"
        return {
            "backing_vocal": "backing_vocal_lu" if with_lead else "choir_lu",
            "bass": "bass_lu",
            "guitar": "guitar_lu",
            "piano": "piano_lu",
            "synth": "synth_lu",
            "strings": "strings_lu",
            "winds": "winds_lu",
            "effects": "effects_lu",
            "accompaniment": "accompaniment_lu",
        }.get(role, "other_lu")

    def offset_lu(self, role: str, *, with_lead: bool) -> float:
        """Return how far from the reference a source of a role stands, in a song with or without a lead vocal."""
        return float(getattr(self, self.offset_name(role, with_lead=with_lead)))

    def kit_offset_lu(self, pieces: int) -> float:
        """Return how far from the reference a kit of so many pieces stands."""
        return self.drums_lu + self.kit_pieces_lu * math.log10(pieces)

    def in_kit_name(self, role: str) -> str:
        """Return which setting says how loud a stem of the kit is against the others of the kit."""
        return {
            "kick": "kit_kick_lu",
            "snare": "kit_snare_lu",
            "toms": "kit_toms_lu",
            "cymbals": "kit_cymbals_lu",
            "hihat": "kit_hihat_lu",
            "percussion": "kit_percussion_lu",
        }.get(role, "kit_drums_lu")

    def in_kit_lu(self, role: str) -> float:
        """Return how loud a stem of the kit is against the others of the kit."""
        return float(getattr(self, self.in_kit_name(role)))


def faders_db_for(
    session: Session, relative_lu: Mapping[tuple[str, ...], float], aim_lufs: float, settings: LevelSettings
) -> dict[str, float]:
    """Return faders that give units of stems these relative levels and their sum the loudness `aim_lufs`.

    The stems of a unit have one fader: their balance is as it was given.
    """
    faders_db = {
        unit: _first_fader_db(session, unit, aim_lufs + relative) for unit, relative in relative_lu.items()
    }
    # A sum is louder than its parts; and the gates of the loudness do not move with a fader, so that
    # even a single stem may need to be corrected more than once.
    for _ in range(settings.max_corrections_together if len(faders_db) > 1 else settings.max_corrections):
        correction_lu = aim_lufs - session.loudness_at(_by_stem(faders_db))
        if not math.isfinite(correction_lu):
            break
        faders_db = {unit: fader_db + correction_lu for unit, fader_db in faders_db.items()}
    limited_db = {unit: min(settings.max_gain_db, fader_db) for unit, fader_db in faders_db.items()}
    return _by_stem(limited_db)


def _first_fader_db(session: Session, unit: tuple[str, ...], aim_lufs: float) -> float:
    """Return the one fader at which the stems of a unit have a loudness, but for the gates."""
    now_db = session.plan.stem(unit[0]).gain_db
    lufs = session.loudness_at(dict.fromkeys(unit, now_db))
    if not math.isfinite(lufs):  # they cancel out
        lufs = max(session.loudness_at({name: now_db}) for name in unit)
    return now_db + aim_lufs - lufs


def _by_stem(faders_db: Mapping[tuple[str, ...], float]) -> dict[str, float]:
    return {name: fader_db for unit, fader_db in faders_db.items() for name in unit}
