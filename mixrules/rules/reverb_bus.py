"""The room whose reverberation time follows the tempo, and the sends to it, as both reverb rules make them.

T60 = 40/9 - BPM/45 seconds, clamped: slow songs ring longer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules.decision import Decision, Quantity, Statement
from mixrules.errors import ParameterError
from mixrules.mixplan import ReverbBus, Send
from mixrules.processors import t60_at
from mixrules.rules.read_aims import Aim
from mixrules.session import Session
from mixrules.statement_kinds import T60_STATED_AT_HZ

RULE = "reverb"
TEMPO_SOURCE = (
    "T60 = 40/9 - BPM/45: survey-2022, after likelian/Lab_spring2022 (2022), no other source is known; "
    "network: Jot & Chaigne 1991"
)

# A filter's corner lies below half of the sample rate: what a low one cannot hold is moved down to here.
_HIGHEST_CORNER_PER_SAMPLE_RATE = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettings:
    """The constants of the room that both reverb rules share; the presets say what each means."""

    t60_at_0_bpm_s: float
    t60_bpm_divisor: float
    t60_min_s: float
    t60_max_s: float
    t60_tolerance: float
    tempo_low_bpm: float
    tempo_high_bpm: float
    tempo_min_confidence: float
    tempo_fallback_bpm: float
    room_size_m: float
    lines: int
    high_shelf_hz: float
    high_shelf_q: float
    high_shelf_db_per_s: float

    def __post_init__(self) -> None:
        if self.t60_min_s > self.t60_max_s:
            raise ParameterError(
                f"t60_min_s must be at most t60_max_s, got {self.t60_min_s:g} and {self.t60_max_s:g}"
            )
        if self.tempo_low_bpm >= self.tempo_high_bpm:
            raise ParameterError(
                f"tempo_low_bpm must be below tempo_high_bpm, got {self.tempo_low_bpm:g} and {self.tempo_high_bpm:g}"
            )

    def formula_t60_s(self, bpm: float) -> float:
        """Return the reverberation time that the formula gives at a tempo; it may be negative."""
        return self.t60_at_0_bpm_s - bpm / self.t60_bpm_divisor

    def t60_s(self, bpm: float) -> float:
        """Return the reverberation time at a tempo, within its bounds."""
        return min(self.t60_max_s, max(self.t60_min_s, self.formula_t60_s(bpm)))


@dataclass(frozen=True, slots=True)
class SongTempo:
    """The tempo that a room follows: as measured, or assumed where none was found."""

    bpm: float
    confidence: float
    assumed_bpm: float | None

    @property
    def room_bpm(self) -> float:
        """What the room follows."""
        return self.bpm if self.assumed_bpm is None else self.assumed_bpm

    @property
    def in_words(self) -> str:
        """What a sentence says of it."""
        if self.assumed_bpm is None:
            return f"at {self.bpm:.0f} BPM"
        return f"(no tempo was found, {self.assumed_bpm:.0f} BPM is assumed)"


def song_tempo(session: Session, names: Sequence[str], settings: RoomSettings) -> SongTempo:
    """Measure the tempo of the sum of some stems; assume one where none is found."""
    tempo = session.tempo(names, settings.tempo_low_bpm, settings.tempo_high_bpm)
    reliable = math.isfinite(tempo.bpm) and tempo.confidence >= settings.tempo_min_confidence
    return SongTempo(tempo.bpm, tempo.confidence, None if reliable else settings.tempo_fallback_bpm)


def corner_hz(frequency_hz: float, sample_rate: int) -> float:
    """Return a filter's corner frequency, lower where the sample rate cannot hold it."""
    return min(frequency_hz, _HIGHEST_CORNER_PER_SAMPLE_RATE * sample_rate)


def room_decision(
    session: Session,
    bus: ReverbBus,
    tempo: SongTempo,
    settings: RoomSettings,
    *,
    shorter_because: str = "",
    gap_s: float | None = None,
) -> Decision:
    """Put the room into the plan, in place of an earlier one of its name.

    Parameters
    ----------
    session : Session
        The song.
    bus : ReverbBus
        The room.
    tempo : SongTempo
        What its time follows.
    settings : RoomSettings
        The constants.
    shorter_because : str
        Why it decays faster than the tempo asks for; empty where it does not.
    gap_s : float, optional
        The time from note to note that was looked at, for the record.

    Returns
    -------
    Decision
        With the T60 that is stated.
    """
    t60_s, formula_s = bus.params.t60_s, settings.formula_t60_s(tempo.room_bpm)
    stated_s = float(t60_at(bus.params, [T60_STATED_AT_HZ], session.sample_rate)[0])
    by_tempo_s = settings.t60_s(tempo.room_bpm)
    bounded = (
        ""
        if by_tempo_s == formula_s
        else f", the {'shortest' if by_tempo_s > formula_s else 'longest'} that the rule allows"
    )
    decays = f"The reverb of the {bus.name} decays in {t60_s:.2f} s"
    sentence = f"{decays} {tempo.in_words}{bounded}: the slower the song, the longer."
    if shorter_because:
        sentence = f"{decays}: {tempo.in_words} it would be {by_tempo_s:.2f} s, but {shorter_because}."
    return Decision(
        rule=RULE,
        source=TEMPO_SOURCE,
        measured=(
            Quantity.of("tempo", tempo.bpm, "BPM"),
            Quantity.of("confidence of the tempo", tempo.confidence, ""),
            *([] if gap_s is None else [Quantity.of("from note to note", gap_s, "s")]),
        ),
        threshold=f"T60 within {settings.t60_min_s:g} and {settings.t60_max_s:g} s",
        parameters={"reverbs": (*(b for b in session.plan.reverbs if b.name != bus.name), bus)},
        sentence=sentence,
        statements=(
            Statement(
                kind="reverb_t60_s",
                bus=bus.name,
                unit="s",
                stated=round(stated_s, 3),
                tolerance=settings.t60_tolerance * stated_s,
            ),
        ),
    )


def t60_aims() -> list[Aim]:
    """Return the bounds of the reverberation time, both the same where it was read."""
    return [Aim(f"{RULE}.t60_max_s", "T60")]


def send_decision(
    session: Session,
    name: str,
    bus: ReverbBus,
    send_levels: tuple[float, float],
    to_dry_lu: float,
    why: str,
    source: str,
    *,
    gap_s: float | None = None,
) -> Decision:
    """Send a stem to the bus, its return `to_dry_lu` against the dry stem.

    Parameters
    ----------
    session : Session
        The song.
    name : str
        The stem.
    bus : ReverbBus
        The reverb.
    send_levels : (at_unity_lu, level_db)
        What `Session.send_levels` returned for the stem.
    to_dry_lu : float
        Loudness of the reverb minus that of the dry stem.
    why, source : str
        For the sentence and the decision.
    gap_s : float, optional
        The stem's time from note to note, for the record.

    Returns
    -------
    Decision
        With the send, or without parameters where the reverb's level cannot be measured.
    """
    at_unity_lu, level_db = send_levels
    if not math.isfinite(level_db):
        return Decision(
            rule=RULE,
            stem=name,
            source=source,
            sentence=f"{name}: no reverb, as it is too short or too quiet for the reverb's level to be measured.",
        )
    others = [send for send in session.plan.stem(name).sends if send.to != bus.name]
    return Decision(
        rule=RULE,
        stem=name,
        source=source,
        measured=(
            Quantity.of("reverb to dry at a send of 0 dB", at_unity_lu, "LU"),
            *([] if gap_s is None else [Quantity.of("from note to note", gap_s, "s")]),
        ),
        threshold=f"reverb to dry = {to_dry_lu:.1f} LU",
        parameters={"sends": (*others, Send(to=bus.name, level_db=level_db))},
        sentence=(
            f"{name}: reverb from the {bus.name}, {abs(to_dry_lu):.1f} LU {'below' if to_dry_lu < 0.0 else 'above'} "
            f"the dry sound, because {why}."
        ),
        statements=(
            Statement(
                kind="reverb_to_dry_lu", stems=(name,), bus=bus.name, unit="LU", stated=round(to_dry_lu, 2)
            ),
        ),
    )
