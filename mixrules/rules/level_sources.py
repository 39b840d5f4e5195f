"""The sources of a song and their levels: what gets one level of its own, and where between rule and given it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixrules.processors import db_to_gain, gain_to_db
from mixrules.rules.instruments import Instrument, instruments
from mixrules.rules.level_faders import LevelSettings, faders_db_for
from mixrules.rules.level_trust import Trust
from mixrules.session import VOCAL, Session

RULE = "level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What gets one level of its own: an instrument, or a kit with its pieces' levels among themselves.

    `by_role_lufs` is the rule's level, and `usual` says in words where that comes from; `as_given_lufs` is the level in
    the balance as given, with the mean over sources where the rule has it; `aim_lufs` lies between them. `counts_lu` is
    how much of the level is owed to holding several instruments in one file.
    """

    label: str
    usual: str
    trust: Trust
    relative_lu: Mapping[tuple[str, ...], float]
    by_role_lufs: float
    as_given_lufs: float
    aim_lufs: float
    counts_lu: float = 0.0
    backing_vocal: bool = False


@dataclass(frozen=True, slots=True)
class PlacedSource:
    """A source with its faders, and the loudness of all of it with them; `lowered_lu` is how far under its aim."""

    source: Source
    faders_db: Mapping[str, float]
    reached_lufs: float
    lowered_lu: float = 0.0

    def lowered(self, by_lu: float) -> PlacedSource:
        """Return it with all its faders lower."""
        return PlacedSource(
            self.source,
            {name: fader_db - by_lu for name, fader_db in self.faders_db.items()},
            self.reached_lufs - by_lu,
            self.lowered_lu + by_lu,
        )


def placed_source(session: Session, source: Source, settings: LevelSettings) -> PlacedSource:
    """Set the faders of a source so that all of it has the loudness that is aimed at."""
    faders_db = faders_db_for(session, source.relative_lu, source.aim_lufs, settings)
    return PlacedSource(source, faders_db, session.loudness_at(faders_db))


def sources_of(session: Session, settings: LevelSettings, trust: Trust) -> list[Source]:
    """Return the sources of the backing: a kit that comes in pieces is one, any other instrument is its own."""
    kit: list[Instrument] = []
    others: list[Instrument] = []
    for instrument in instruments(session):
        role = session.role(instrument.names[0])
        if role != VOCAL:
            (kit if role in settings.kit_roles else others).append(instrument)
    labels, names_of_offsets, offsets_lu, units = [], [], [], []
    if kit:
        labels.append("drums")
        names_of_offsets.append("drums_lu")
        offsets_lu.append(settings.kit_offset_lu(len(kit)))
        units.append([piece.names for piece in kit])
    for instrument in others:
        name = instrument.names[0]
        labels.append(session.role_in_words(name))
        names_of_offsets.append(settings.offset_name(session.role(name), with_lead=bool(session.vocals)))
        offsets_lu.append(settings.offset_lu(session.role(name), with_lead=bool(session.vocals)))
        units.append([instrument.names])
    given_lufs = [given_loudness(session, [name for unit in each for name in unit]) for each in units]
    as_given_lu = centred_as(given_lufs, offsets_lu)
    sources = []
    for label, offset_name, offset_lu, given_lu, names in zip(
        labels, names_of_offsets, offsets_lu, as_given_lu, units, strict=True
    ):
        pieces = [session.role(unit[0]) for unit in names] if len(names) > 1 else []
        in_kit_lu = [settings.in_kit_lu(piece) for piece in pieces] or [0.0]
        in_kit_trust = [trust.of(session, settings.in_kit_name(piece)) for piece in pieces] or [trust]
        role = session.role(names[0][0])
        own_trust = trust.of(session, offset_name)
        sources.append(
            Source(
                label=label,
                usual=usual_level(session, offset_name, label),
                trust=own_trust,
                relative_lu=among_units(session, names, in_kit_lu, in_kit_trust),
                by_role_lufs=settings.reference_lufs + offset_lu,
                as_given_lufs=settings.reference_lufs + given_lu,
                aim_lufs=settings.reference_lufs + own_trust.between(offset_lu, given_lu),
                counts_lu=settings.accompaniment_lu - settings.other_lu if role == "accompaniment" else 0.0,
                backing_vocal=role == "backing_vocal",
            )
        )
    return sources


def usual_level(session: Session, setting: str, label: str) -> str:
    """Return in words where the level of a role comes from."""
    read_from = session.read_from(f"{RULE}.{setting}")
    return f"in {read_from}" if read_from else f"usual for {label}"


def vocal_units(session: Session, trust: Trust) -> dict[tuple[str, ...], float]:
    """Return the lead vocals' units and their levels among themselves: equal, but for the balance as given."""
    units = [each.names for each in instruments(session) if session.role(each.names[0]) == VOCAL]
    return among_units(session, units, [0.0] * len(units), [trust] * len(units))


def among_units(
    session: Session, units: Sequence[tuple[str, ...]], rule_lu: Sequence[float], trusts: Sequence[Trust]
) -> dict[tuple[str, ...], float]:
    """Return the levels of units among themselves, between the rule's and the given ones."""
    given_lu = centred_as([given_loudness(session, unit) for unit in units], rule_lu)
    return {
        unit: trust.between(rule, given)
        for unit, rule, given, trust in zip(units, rule_lu, given_lu, trusts, strict=True)
    }


def centred_as(given_lu: Sequence[float], rule_lu: Sequence[float]) -> list[float]:
    """Return given levels moved together so that their mean is that of the rule's levels."""
    if not given_lu:
        return []
    shift_lu = (sum(rule_lu) - sum(given_lu)) / len(given_lu)
    return [given + shift_lu for given in given_lu]


def given_loudness(session: Session, names: Sequence[str]) -> float:
    """Return how loud stems are together as given; their powers added up where they cancel out."""
    lufs = session.scan(names[0]).integrated_lufs if len(names) == 1 else session.given_loudness(*names)
    if math.isfinite(lufs):
        return lufs
    return gain_to_db(math.hypot(*(db_to_gain(session.scan(name).integrated_lufs) for name in names)))
