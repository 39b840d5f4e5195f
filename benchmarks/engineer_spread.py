"""Levels of stems as z-values of the human spread by role.

Two frames, as the sources have them:

- De Man et al. 2014 (64 mixes of 8 songs): loudness against the whole mix. Lead vocal, bass, kick, snare, other drums.
- Human mixes of many songs without a vocal, half of them the MIDI and LMMS corpus: loudness against the mean source of
  the song, a kit being one source whose level is the power sum of its pieces. Everything else, and whole kits.

The whole mix is the sum of the stems before the master. Both frames are for songs of the kind they were taken from:
`levels`, the human balance itself, shows how far other songs keep to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

Row = Mapping[str, Any]

SPREAD_OF_MIX = {
    "vocal": (-2.7, 1.6),
    "bass": (-9.5, 3.5),
    "kick": (-13.2, 4.1),
    "snare": (-16.8, 6.2),
    **dict.fromkeys(("toms", "hihat", "cymbals", "percussion"), (-12.7, 5.5)),
}
SPREAD_OF_SOURCES = {
    "kit": (0.0, 5.7),
    "guitar": (2.6, 5.1),
    "piano": (1.8, 2.7),
    "keys": (-1.6, 6.2),
    "synth": (-1.8, 4.5),
    "strings": (-2.5, 5.9),
    "winds": (-0.2, 3.6),
    "backing_vocal": (-0.7, 5.4),
    "effects": (-4.3, 3.0),
}
KIT_ROLES = ("drums", "kick", "snare", "toms", "hihat", "cymbals", "percussion")


def z_values(row: Row) -> Iterator[tuple[str, float]]:
    """Yield the role and the z-value of every level that one of the two frames speaks of."""
    levels, roles = row["levels_lu"], row["roles"]
    for name, level in levels.items():
        if (role := roles.get(name)) in SPREAD_OF_MIX:
            mean, deviation = SPREAD_OF_MIX[role]
            yield role, (level - mean) / deviation
    sources = [
        (roles.get(n), level) for n, level in levels.items() if roles.get(n) not in ("vocal", *KIT_ROLES)
    ]
    kit = [level for name, level in levels.items() if roles.get(name) in KIT_ROLES]
    if kit:
        sources.append(("kit", 10.0 * float(np.log10(np.sum(10.0 ** (np.array(kit) / 10.0))))))
    if len(sources) > 1:
        middle = float(np.mean([level for _, level in sources]))
        for role, level in sources:
            if role in SPREAD_OF_SOURCES:
                mean, deviation = SPREAD_OF_SOURCES[role]
                yield str(role), (level - middle - mean) / deviation


def spread_table(rows: Sequence[Row], systems: Sequence[str]) -> str:
    """Return how many levels lie within one and two standard deviations of human mixes, by frame."""
    lines = []
    for system in systems:
        found = _by_role(row for row in rows if row["system"] == system)
        cells = [system]
        for frame in (SPREAD_OF_MIX, SPREAD_OF_SOURCES, {**SPREAD_OF_MIX, **SPREAD_OF_SOURCES}):
            z = [value for role in frame for value in found.get(role, [])]
            cells += [str(len(z)), _within(z, 1.0), _within(z, 2.0)]
        lines.append(cells)
    header = ["system"]
    for frame_name in ("of the mix", "of the mean source", "both"):
        header += [f"levels, {frame_name}", "within 1 SD (normal: 68 %)", "within 2 SD (95 %)"]
    return markdown(header, lines)


def spread_by_role(rows: Sequence[Row], systems: Sequence[str]) -> str:
    """Return the mean z-value and the share within one and two standard deviations, by role."""
    by_system = {system: _by_role(row for row in rows if row["system"] == system) for system in systems}
    lines = []
    for role in (*SPREAD_OF_MIX, *SPREAD_OF_SOURCES):
        z = {system: found.get(role, []) for system, found in by_system.items()}
        if any(z.values()):
            lines.append(
                [
                    f"{role}, {max(map(len, z.values()))} levels",
                    *(
                        f"{np.mean(v):+.1f}; {_within(v, 1.0)}, {_within(v, 2.0)}" if v else ""
                        for v in z.values()
                    ),
                ]
            )
    return markdown(["mean z; share within 1 and 2", *systems], lines)


def _by_role(rows: Iterable[Row]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for role, z in z_values(row):
            found[role].append(z)
    return found


def _within(z: Sequence[float], most: float) -> str:
    return f"{np.mean(np.abs(z) <= most):.0%}" if len(z) else ""


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *lines)) + "\n"
