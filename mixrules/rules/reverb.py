"""The reverb rule: a reverberation time from the tempo, and how much of it each stem gets.

T60 = 40/9 - BPM/45 seconds, clamped: slow songs ring longer. ``vocal`` is the published rule for the
vocal alone. ``shared_room`` puts every stem that is dry into one room, quietly, and leaves alone
what is low, percussive or stereo enough to have a space of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mixrules.decision import Decision, Quantity, Statement
from mixrules.mixplan import ReverbBus, Send
from mixrules.processors import ReverbParams, t60_at
from mixrules.rules.words import signed
from mixrules.session import Session

RULE = "reverb"
_TEMPO_RULE = "survey-2022: T60 = 40/9 - BPM/45, no published source is known; network: Jot & Chaigne 1991"
_AMOUNT = "De Man, McNally & Reiss 2017; Pestana & Reiss 2014"
_REFERENCE_HZ = 1000.0
_T60_TOLERANCE = 0.05

_LOW_OR_PERCUSSIVE = frozenset(
    {"bass", "drums", "kick", "snare", "toms", "hihat", "cymbals", "percussion", "accompaniment", "effects"}
)


def vocal(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Give the vocal a reverb whose time follows the backing's tempo.

    Settings: those of the ``reverb`` table of preset ``survey-2022``.
    """
    if not session.vocals:
        return []
    share = settings["wet_share"]
    room, bus = _room(
        session,
        "vocal room",
        session.backing or session.vocals,
        settings,
        low_shelf_hz=settings["low_shelf_hz"],
        low_shelf_q=settings["low_shelf_q"],
        low_shelf_db_per_s=settings["low_shelf_db_per_s"],
        high_shelf_q=settings["high_shelf_q"],
        fade_in_s=settings["fade_in_s"],
    )
    if share == 0.0:
        return []
    to_dry_lu = 20.0 * math.log10(share / (1.0 - share))
    why = f"a wet share of {share:g}"
    session.expect_sends(session.vocals, bus)
    return [room, *(_send(session, name, bus, to_dry_lu, why, _TEMPO_RULE) for name in session.vocals)]


def shared_room(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Put the stems that are dry into one room.

    Settings: those of the ``reverb`` table of preset ``default``.
    """
    left_alone: list[Decision] = []
    dry: list[str] = []
    for stem in session.sounding:
        why = _no_reverb(session, stem.name, settings)
        if why:
            left_alone.append(
                Decision(
                    rule=RULE,
                    stem=stem.name,
                    source=_AMOUNT,
                    measured=(Quantity.of("side to mid", session.scan(stem.name).side_to_mid_db, "dB"),),
                    threshold=f"side to mid of {settings['dry_side_to_mid_db']:g} dB",
                    sentence=f"{stem.name} gets no reverb: {why}.",
                )
            )
        else:
            dry.append(stem.name)
    if not dry:
        return left_alone
    names = [stem.name for stem in session.sounding]
    room, bus = _room(
        session,
        "room",
        session.backing or names,
        settings,
        low_cut_hz=settings["low_cut_hz"],
        high_cut_hz=_cut_below(settings["high_cut_hz"], session.sample_rate),
    )

    def decide(name: str) -> Decision:
        is_vocal = session.role(name) in ("vocal", "backing_vocal")
        to_dry_lu = settings["vocal_to_dry_lu" if is_vocal else "other_to_dry_lu"]
        side_to_mid_db = session.scan(name).side_to_mid_db
        image = (
            f"its side signal is {side_to_mid_db:.0f} dB" if math.isfinite(side_to_mid_db) else "it is mono"
        )
        return _send(session, name, bus, to_dry_lu, f"{image}, with no space of its own", _AMOUNT)

    session.expect_sends(dry, bus)
    return [room, *(decide(name) for name in dry), *left_alone]


def _no_reverb(session: Session, name: str, settings: Mapping[str, Any]) -> str:
    """Return why a stem gets no reverb; empty where it should have one."""
    role = session.role(name)
    if role in _LOW_OR_PERCUSSIVE:
        return f"{role.replace('_', ' ')} stays dry"
    side_to_mid_db = session.scan(name).side_to_mid_db
    if side_to_mid_db > settings["dry_side_to_mid_db"]:
        return (
            f"its stereo image (side to mid {signed(side_to_mid_db)} dB, dry below "
            f"{settings['dry_side_to_mid_db']:g}) says that it has a space of its own"
        )
    return ""


def _room(
    session: Session, name: str, tempo_of: Sequence[str], settings: Mapping[str, Any], **shape: float
) -> tuple[Decision, ReverbBus]:
    """Return the decision that makes the reverb bus, and the bus."""
    tempo = session.tempo(tempo_of, settings["tempo_low_bpm"], settings["tempo_high_bpm"])
    found = math.isfinite(tempo.bpm) and tempo.confidence >= settings["tempo_min_confidence"]
    bpm = tempo.bpm if found else settings["tempo_fallback_bpm"]
    formula_s = settings["t60_at_0_bpm_s"] - bpm / settings["t60_bpm_divisor"]
    t60_s = min(settings["t60_max_s"], max(settings["t60_min_s"], formula_s))
    clamped = "" if t60_s == formula_s else f" (the formula's {formula_s:.2f} s, clamped)"
    if "pre_delay_near_ms" in settings:
        shape["pre_delay_ms"] = _note_nearest(settings["pre_delay_near_ms"], bpm)
    params = ReverbParams(
        t60_s=t60_s,
        room_size_m=settings["room_size_m"],
        lines=settings["lines"],
        high_shelf_hz=_cut_below(settings["high_shelf_hz"], session.sample_rate),
        high_shelf_db_per_s=settings["high_shelf_db_per_s"],
        **shape,
    )
    bus = ReverbBus(name=name, params=params)
    stated_s = float(t60_at(params, [_REFERENCE_HZ], session.sample_rate)[0])
    tempo_words = f"at {bpm:.0f} BPM" if found else f"(no tempo was found, {bpm:.0f} BPM is assumed)"
    return (
        Decision(
            rule=RULE,
            source=_TEMPO_RULE,
            measured=(
                Quantity.of("tempo", tempo.bpm, "BPM"),
                Quantity.of("confidence of the tempo", tempo.confidence, ""),
            ),
            threshold=f"T60 within {settings['t60_min_s']:g} and {settings['t60_max_s']:g} s",
            parameters={"reverbs": (*(b for b in session.plan.reverbs if b.name != name), bus)},
            sentence=(
                f"The {name} decays in {t60_s:.2f} s {tempo_words}{clamped}: the slower the song, the longer."
            ),
            statements=(
                Statement(
                    kind="reverb_t60_s",
                    bus=name,
                    unit="s",
                    stated=round(stated_s, 3),
                    tolerance=_T60_TOLERANCE * stated_s,
                ),
            ),
        ),
        bus,
    )


def _send(session: Session, name: str, bus: ReverbBus, to_dry_lu: float, why: str, source: str) -> Decision:
    """Return the decision that sends a stem to the bus, its return `to_dry_lu` against the dry stem."""
    others = [send for send in session.plan.stem(name).sends if send.to != bus.name]
    at_unity_lu, level_db = session.send_level(name, bus, to_dry_lu)
    if not math.isfinite(level_db):
        return Decision(
            rule=RULE,
            stem=name,
            source=source,
            sentence=f"{name} gets no reverb: it is too short or too quiet for the reverb's level to be measured.",
        )
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(Quantity.of("reverb to dry at a send of 0 dB", at_unity_lu, "LU"),),
        threshold=f"reverb to dry = {to_dry_lu:.1f} LU",
        parameters={"sends": (*others, Send(to=bus.name, level_db=level_db))},
        sentence=f"{name} goes to the {bus.name}, its reverb {to_dry_lu:.1f} LU against the dry sound: {why}.",
        statements=(
            Statement(
                kind="reverb_to_dry_lu", stems=(name,), bus=bus.name, unit="LU", stated=round(to_dry_lu, 2)
            ),
        ),
    )


def _note_nearest(wanted_ms: float, bpm: float) -> float:
    """Return the note value (1/16 to 1/128) nearest to a time, in ms."""
    notes_ms = [15_000.0 / bpm / division for division in (1, 2, 4, 8)]
    nearest_ms: float = min(notes_ms, key=lambda note_ms: abs(note_ms - wanted_ms))
    return round(nearest_ms, 2)


def _cut_below(frequency_hz: float, sample_rate: int) -> float:
    """Return a corner frequency that a low sample rate can hold."""
    return min(frequency_hz, 0.45 * sample_rate)
