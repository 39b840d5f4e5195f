"""The pan rule: where mono stems stand between the loudspeakers.

Sources that share a frequency range are spread apart evenly and symmetrically; low sources, the
lead vocal, kick and snare stay in the centre (Perez-Gonzalez & Reiss 2010, EURASIP JASP 436895).
Sources that have a range to themselves are set against one another, for balance (ours).
The microphones of one instrument have one place; a left and a right, and two takes of one part, stand hard apart.
Of the ways to do that the one is taken in which left and right weigh alike, as a whole and in each range.
A stem that is stereo keeps the image it has; a mono return or double stands where its lead does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixrules._support.wording import listed, place, prints_as_zero
from mixrules.analysis import Tone
from mixrules.decision import Decision, Quantity, Statement
from mixrules.errors import ParameterError
from mixrules.processors import PanParams
from mixrules.rules.pan_balance import SideBalance
from mixrules.rules.pan_units import PanUnit, pan_units
from mixrules.rules.support import is_support, leads_of
from mixrules.rules.wording import few_or_count
from mixrules.session import Session

RULE = "pan"
_SOURCE = (
    "Perez-Gonzalez & Reiss 2010; left and right in balance: Pestana & Reiss 2014; "
    "pairs, lone sources against one another: ours"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanSettings:
    """The constants of ``pan:by_band``; the presets say what each means."""

    width: float
    low_share: float
    pan_law_db: float
    centre_roles: tuple[str, ...]
    range_edges_hz: tuple[float, ...]
    pair_width: float
    take_roles: tuple[str, ...]
    take_correlation: float
    take_within_lu: float
    take_pause_db: float
    max_lean_db: float
    swap_from_db: float
    heard_from_db: float

    def __post_init__(self) -> None:
        if list(self.range_edges_hz) != sorted(set(self.range_edges_hz)):
            edges = ", ".join(f"{edge_hz:g}" for edge_hz in self.range_edges_hz)
            raise ParameterError(f"range_edges_hz must rise from edge to edge, got {edges}")


def by_band(session: Session, settings: PanSettings) -> list[Decision]:
    """Spread the mono stems of each frequency range; keep the rest where they are."""
    mono = [stem.name for stem in session.active if session.scan(stem.name).is_mono]
    tones = session.tones(mono)
    support = [name for name in mono if is_support(session, name)]
    units = pan_units(
        session,
        [name for name in mono if name not in support],
        take_roles=settings.take_roles,
        take_correlation=settings.take_correlation,
        take_within_lu=settings.take_within_lu,
        take_pause_db=settings.take_pause_db,
    )
    unit_of = {unit.names[0]: unit for unit in units}
    places, reasons, couples = _places(session, unit_of, tones, settings)
    if not places:
        return []
    balance = SideBalance(session, settings.range_edges_hz, settings.pan_law_db, settings.heard_from_db)

    def spread_out(firsts: Mapping[str, float]) -> dict[str, float]:
        """Return the place of every stem from those of the first of each unit."""
        return {
            name: -place if unit_of[first].apart and name != first else place
            for first, place in firsts.items()
            for name in unit_of[first].names
        }

    placed = balance.swapped(spread_out(places), couples, settings.swap_from_db)
    movable = [unit.names for first, unit in unit_of.items() if placed[first] and not unit.apart]
    drawn_in = balance.drawn_in(placed, movable, settings.max_lean_db)
    for first, *_ in movable:
        if not prints_as_zero(placed[first] - drawn_in[first], digits=2):
            balanced = f"so that left and right stay within {settings.max_lean_db:g} dB of each other"
            in_centre = prints_as_zero(drawn_in[first], digits=2)
            reasons[first] = balanced if in_centre else f"{reasons[first]}, but no further out, {balanced}"
    decisions = [
        _placed(name, tones[name], drawn_in[name], reasons[first], settings)
        for first, unit in unit_of.items()
        for name in unit.names
    ]
    for name in support:
        leads = leads_of(session, name)
        stands = {drawn_in.get(lead, 0.0) for lead in leads}
        why = f"together with {listed(leads)}" if leads else "as it goes with no other stem"
        pan = stands.pop() if len(stands) == 1 else 0.0
        drawn_in[name] = pan
        decisions.append(_placed(name, tones[name], pan, why, settings))
    return [*decisions, _sides(balance, drawn_in, settings)] if any(drawn_in.values()) else decisions


def _places(
    session: Session, unit_of: Mapping[str, PanUnit], tones: Mapping[str, Tone], settings: PanSettings
) -> tuple[dict[str, float], dict[str, str], list[tuple[str, str]]]:
    """Return the place of each unit's first stem, why it stands there, and who could change places with whom."""
    places: dict[str, float] = {}
    reasons: dict[str, str] = {}
    couples: list[tuple[str, str]] = []
    ranges: dict[int, list[str]] = {}
    for first, unit in unit_of.items():
        together = f"in one place with {listed(unit.names[1:])} ({unit.why})" if unit.names[1:] else ""
        central = _why_central(session.role(first), tones[first], settings)
        if unit.apart and settings.width > 0.0:
            places[first] = -settings.pair_width
            reasons[first] = f"as {listed(unit.names)} are {unit.why}"
        elif central:
            places[first], reasons[first] = 0.0, central + (f"; {together}" if together else "")
        else:
            range_number = sum(tones[first].spectral_centroid_hz >= edge for edge in settings.range_edges_hz)
            ranges.setdefault(range_number, []).append(first)
    for names in _groups_to_spread(ranges):
        for index, first in enumerate(names, start=1):
            places[first] = settings.width * (2.0 * _share_from_left(index, len(names)) - 1.0)
            reasons[first] = _why_there(first, names, places[first], settings)
            if unit_of[first].names[1:]:
                reasons[first] += f"; {listed(unit_of[first].names)} have one place ({unit_of[first].why})"
        by_place = sorted(names, key=places.__getitem__)
        couples += [
            (by_place[index], by_place[-1 - index])
            for index in range(len(by_place) // 2)
            if len(unit_of[by_place[index]].names) == len(unit_of[by_place[-1 - index]].names) == 1
        ]
    return places, reasons, couples


def _why_there(name: str, range_names: Sequence[str], place: float, settings: PanSettings) -> str:
    """Return why a stem that may leave the centre stands where it does, among those of its range."""
    others = [other for other in range_names if other != name]
    if not others:
        return "as there is nothing to put on the other side"
    if settings.width == 0.0:
        return "as the rule is set to spread nothing"
    if prints_as_zero(place, digits=2):
        return f"with {few_or_count(others)} to its sides"
    return f"apart from {few_or_count(others)}"


def _sides(balance: SideBalance, places: Mapping[str, float], settings: PanSettings) -> Decision:
    """Say how left and right weigh against each other, and promise that of the mix."""
    leans_db = balance.leans_db(places)
    lean_db = float(leans_db[0])
    within = abs(lean_db) <= settings.max_lean_db
    sides = ("left", "right") if lean_db > 0.0 else ("right", "left")
    said = f"The {sides[0]} of the mix is {abs(lean_db):.1f} dB stronger than the {sides[1]}"
    if prints_as_zero(lean_db):
        said = "Left and right of the mix are equally strong"
    return Decision(
        rule=RULE,
        source=_SOURCE,
        measured=(Quantity.of("left over right", lean_db, "dB"),),
        threshold=f"no side more than {settings.max_lean_db:g} dB over the other",
        sentence=f"{said}." if within else f"{said}, because stereo stems lean there.",
        statements=(
            *([Statement(kind="mix_lean_db", unit="dB", stated=settings.max_lean_db)] if within else []),
        ),
    )


def _why_central(role: str, tone: Tone, settings: PanSettings) -> str:
    """Return why a stem stays in the centre; empty where it need not."""
    if role in settings.centre_roles:
        return f"as usual for {role.replace('_', ' ')}"
    if tone.low_share >= settings.low_share:
        return f"as {100 * tone.low_share:.0f} % of its power lies below 200 Hz"
    return ""


def _groups_to_spread(ranges: Mapping[int, list[str]]) -> list[list[str]]:
    """Return the sources of each range; those alone in theirs face one another."""
    alone = [names[0] for _, names in sorted(ranges.items()) if len(names) == 1]
    return [names for _, names in sorted(ranges.items()) if len(names) > 1] + ([alone] if alone else [])


def _share_from_left(index: int, count: int) -> float:
    """Return the place P of source `index` (from 1) of `count`, 0 left to 1 right.

    Neighbours in the list go to opposite sides, the first nearest the centre.
    """
    if count == 1:
        return 1 / 2
    if (index + count) % 2:
        return (count - index - 1) / (2 * (count - 1))
    return (count + index - 2) / (2 * (count - 1))


def _placed(name: str, tone: Tone, pan: float, why: str, settings: PanSettings) -> Decision:
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            Quantity.of("spectral centroid", tone.spectral_centroid_hz, "Hz"),
            Quantity.of("share of power in the lows", tone.low_share, ""),
        ),
        threshold=f"low when {settings.low_share:g} of the power lies below 200 Hz",
        parameters={"pan": PanParams(pan=pan, pan_law_db=settings.pan_law_db)},
        sentence=f"{name}: {place(pan)}, {why}.",
    )
