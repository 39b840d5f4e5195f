"""What gets one place together: the microphones of one instrument, and two takes of one part, which stand hard apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixrules.analysis import power_db
from mixrules.loudness import BlockEnergies
from mixrules.mixplan import RELATIONS
from mixrules.processors import db_to_gain
from mixrules.rules.instruments import instruments
from mixrules.session import Session
from mixrules.stems.pairs import find_pairs
from mixrules.stems.pickups import part_words


@dataclass(frozen=True, slots=True)
class PanUnit:
    """Mono stems that are placed together.

    Attributes
    ----------
    names : tuple of str
        The stems: of a pair the left one first.
    why : str
        What they are to one another; empty for one stem.
    apart : bool
        Whether they are a left and a right; else they have one place.
    """

    names: tuple[str, ...]
    why: str = ""
    apart: bool = False


def pan_units(
    session: Session,
    names: Sequence[str],
    *,
    take_roles: Sequence[str],
    take_correlation: float,
    take_within_lu: float,
    take_pause_db: float,
) -> list[PanUnit]:
    """Return mono stems as they are to be placed.

    Parameters
    ----------
    session : Session
        The song; its plan says which stems are one instrument.
    names : sequence of str
        The mono stems, in order.
    take_roles : sequence of str
        The roles of which two takes of one part may stand apart.
    take_correlation : float
        Names that differ by a number alone are takes of one part where their levels run together so closely.
    take_within_lu : float
        And where they are no further apart in loudness.
    take_pause_db : float
        What lies so far below a stem's mean is a pause.

    Returns
    -------
    list of PanUnit
        In the order of their first stems.
    """
    units: list[PanUnit] = []
    lone: list[str] = []
    for instrument in instruments(session):
        members = tuple(name for name in instrument.names if name in names)
        if len(members) < 2:
            lone += members
        elif instrument.relation == "halves":
            units += _halves(session, members)
        elif instrument.relation == "doubles" and len(members) == 2:
            one_lufs, other_lufs = (session.scan(name).integrated_lufs for name in members)
            apart = session.role(members[0]) in take_roles and abs(one_lufs - other_lufs) <= take_within_lu
            units.append(PanUnit(members, instrument.why, apart))
        else:
            units.append(PanUnit(members, instrument.why))
    parts: dict[tuple[str, ...], list[str]] = {}
    for name in lone:
        parts.setdefault(_part(session, name), []).append(name)
    for alike in parts.values():
        is_pair = len(alike) == 2 and session.role(alike[0]) in take_roles
        if is_pair and _are_takes(
            session, alike[0], alike[1], take_correlation, take_within_lu, take_pause_db
        ):
            units.append(PanUnit((alike[0], alike[1]), "two takes of one part", apart=True))
        else:
            units += [PanUnit((name,)) for name in alike]
    return sorted(units, key=lambda unit: names.index(unit.names[0]))


def _halves(session: Session, members: tuple[str, ...]) -> list[PanUnit]:
    """Return the lefts and rights of an instrument, and what belongs to none of them."""
    pairs = list(find_pairs({name: session.role(name) for name in members}).values())
    paired = {name for pair in pairs for name in pair}
    rest = tuple(name for name in members if name not in paired)
    found = [PanUnit(pair, RELATIONS["halves"], apart=True) for pair in pairs]
    return [*found, PanUnit(rest)] if rest else found


def _part(session: Session, name: str) -> tuple[str, ...]:
    return (session.role(name), *(word for word in part_words(name) if not word.isdigit()))


def _are_takes(
    session: Session, one: str, other: str, correlation: float, within_lu: float, pause_db: float
) -> bool:
    """Return whether two stems rise and fall together, at about one loudness."""
    if abs(session.scan(one).integrated_lufs - session.scan(other).integrated_lufs) > within_lu:
        return False
    levels = [_levels(session.energies(name), pause_db) for name in (one, other)]
    hops = min(map(len, levels))
    a, b = (each[:hops] for each in levels)
    if hops < 2 or a.std() == 0.0 or b.std() == 0.0:
        return False
    return float(np.corrcoef(a, b)[0, 1]) >= correlation


def _levels(energies: BlockEnergies, pause_db: float) -> np.ndarray:
    """Return the levels every 100 ms against the mean in dB, pauses as one level."""
    per_hop = energies.hops_per_100_ms
    hops = len(energies.energies) // per_hop
    every = energies.energies[: hops * per_hop].reshape(hops, per_hop).mean(axis=1)
    mean = float(every.mean()) if hops else 0.0
    return np.zeros(hops) if mean == 0.0 else power_db(np.maximum(every / mean, db_to_gain(pause_db) ** 2))
