"""The pan rule: where mono stems stand between the loudspeakers.

Sources that share a frequency range are spread apart evenly and symmetrically; low sources, the
lead vocal, kick and snare stay in the centre (Perez-Gonzalez & Reiss 2010, EURASIP JASP 436895).
Sources that have a range to themselves are set against one another, for balance (ours).
A stem that is stereo keeps the image it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mixrules.decision import Decision, Quantity
from mixrules.processors import PanParams
from mixrules.rules.words import listed
from mixrules.session import Session

RULE = "pan"
_SOURCE = "Perez-Gonzalez & Reiss 2010; lone sources against one another: ours"
_CENTRE_ROLES = frozenset({"vocal", "kick", "snare", "bass", "drums", "accompaniment"})
# Ranges in which sources count as sharing the same place; the lowest stays in the centre.
_RANGE_EDGES_HZ = (0.0, 800.0, 3000.0)


def by_band(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
    """Spread the mono stems of each frequency range; keep the rest where they are.

    Settings: ``width, low_share, pan_law_db``.
    """
    decisions: list[Decision] = []
    ranges: dict[int, list[str]] = {}
    for stem in session.sounding:
        if not session.scan(stem.name).is_mono:
            continue
        role, tone = session.role(stem.name), session.tone(stem.name)
        why = ""
        if role in _CENTRE_ROLES:
            why = f"{role.replace('_', ' ')} belongs there"
        elif tone.low_share >= settings["low_share"]:
            why = f"{100 * tone.low_share:.0f} % of its power lies below 200 Hz"
        if why:
            decisions.append(_placed(session, stem.name, 0.0, why, settings))
        else:
            centroid_hz = tone.spectral_centroid_hz
            ranges.setdefault(sum(centroid_hz >= edge for edge in _RANGE_EDGES_HZ), []).append(stem.name)
    for names in _shared(ranges):
        for index, name in enumerate(names, start=1):
            position = settings["width"] * (2.0 * _spread(index, len(names)) - 1.0)
            others = [other for other in names if other != name]
            why = (
                f"so that it is apart from {listed(others)}"
                if others
                else "nothing else would stand against it"
            )
            decisions.append(_placed(session, name, position, why, settings))
    return decisions


def _shared(ranges: Mapping[int, list[str]]) -> list[list[str]]:
    """Return the groups to spread: the sources of each range; those alone in theirs face one another."""
    alone = [names[0] for _, names in sorted(ranges.items()) if len(names) == 1]
    return [names for _, names in sorted(ranges.items()) if len(names) > 1] + ([alone] if alone else [])


def _spread(index: int, count: int) -> float:
    """Return the place of source `index` (from 1) of `count`, 0 left to 1 right.

    Neighbours in the list go to opposite sides, the first nearest the centre.
    """
    if count == 1:
        return 0.5
    if (index + count) % 2:
        return (count - index - 1) / (2 * (count - 1))
    return (count + index - 2) / (2 * (count - 1))


def _placed(session: Session, name: str, position: float, why: str, settings: Mapping[str, Any]) -> Decision:
    tone = session.tone(name)
    side = (
        "in the centre"
        if abs(position) < 0.005
        else f"{abs(100 * position):.0f} % {'left' if position < 0 else 'right'}"
    )
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            Quantity.of("spectral centroid", tone.spectral_centroid_hz, "Hz"),
            Quantity.of("share of power in the lows", tone.low_share, ""),
        ),
        threshold=f"low when {settings['low_share']:g} of the power lies below 200 Hz",
        parameters={"pan": PanParams(pan=position, pan_law_db=settings["pan_law_db"])},
        sentence=f"{name} stands {side}: {why}.",
    )
