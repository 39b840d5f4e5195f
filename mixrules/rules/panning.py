"""The pan rule: where mono stems stand between the loudspeakers.

Sources that share a frequency range are spread apart evenly and symmetrically; low sources, the
lead vocal, kick and snare stay in the centre (Perez-Gonzalez & Reiss 2010, EURASIP JASP 436895).
Sources that have a range to themselves are set against one another, for balance (ours).
A stem that is stereo keeps the image it has; a mono return or double stands where its lead does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mixrules.analysis import Tone
from mixrules.decision import Decision, Quantity
from mixrules.errors import ParameterError
from mixrules.processors import PanParams
from mixrules.rules.support import is_support, leads_of
from mixrules.rules.wording import listed, prints_as_zero
from mixrules.session import Session

RULE = "pan"
_SOURCE = "Perez-Gonzalez & Reiss 2010; lone sources against one another: ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanSettings:
    """The constants of ``pan:by_band``; the presets say what each means."""

    width: float
    low_share: float
    pan_law_db: float
    centre_roles: tuple[str, ...]
    range_edges_hz: tuple[float, ...]

    def __post_init__(self) -> None:
        if list(self.range_edges_hz) != sorted(set(self.range_edges_hz)):
            edges = ", ".join(f"{edge_hz:g}" for edge_hz in self.range_edges_hz)
            raise ParameterError(f"range_edges_hz must rise from edge to edge, got {edges}")


def by_band(session: Session, settings: PanSettings) -> list[Decision]:
    """Spread the mono stems of each frequency range; keep the rest where they are."""
    decisions: list[Decision] = []
    positions: dict[str, float] = {}
    ranges: dict[int, list[str]] = {}
    tones = session.tones([stem.name for stem in session.active if session.scan(stem.name).is_mono])
    support = [name for name in tones if is_support(session, name)]
    for name, tone in tones.items():
        if name in support:
            continue
        why = _why_central(session.role(name), tone, settings)
        if why:
            decisions.append(_placed(name, tone, 0.0, why, settings))
        else:
            range_number = sum(tone.spectral_centroid_hz >= edge_hz for edge_hz in settings.range_edges_hz)
            ranges.setdefault(range_number, []).append(name)
    for names in _groups_to_spread(ranges):
        for index, name in enumerate(names, start=1):
            pan = settings.width * (2.0 * _share_from_left(index, len(names)) - 1.0)
            others = [other for other in names if other != name]
            why = (
                f"so that it is apart from {listed(others)}"
                if others
                else "nothing else would stand against it"
            )
            decisions.append(_placed(name, tones[name], pan, why, settings))
            positions[name] = pan
    for name in support:
        leads = leads_of(session, name)
        places = {positions.get(lead, 0.0) for lead in leads}
        why = f"it goes with {listed(leads)}" if leads else "it goes with no other stem"
        pan = places.pop() if len(places) == 1 else 0.0
        decisions.append(_placed(name, tones[name], pan, why, settings))
    return decisions


def _why_central(role: str, tone: Tone, settings: PanSettings) -> str:
    """Return why a stem stays in the centre; empty where it need not."""
    if role in settings.centre_roles:
        return f"{role.replace('_', ' ')} belongs there"
    if tone.low_share >= settings.low_share:
        return f"{100 * tone.low_share:.0f} % of its power lies below 200 Hz"
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
    side = (
        "in the centre"
        if prints_as_zero(pan, digits=2)
        else f"{abs(100 * pan):.0f} % {'left' if pan < 0 else 'right'}"
    )
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
        sentence=f"{name} stands {side}: {why}.",
    )
