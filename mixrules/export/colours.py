"""Colours of tracks by role: one for each section of a band, from the palette of Okabe and Ito (2008)."""

from __future__ import annotations

from mixrules.stems.roles.families import section_of

_OF_SECTION = {"voice": "#d55e00", "drums": "#0072b2", "bass": "#009e73", "harmony": "#e69f00"}
_OTHER = "#cc79a7"
RETURN_COLOUR = "#56b4e9"
MASTER_COLOUR = "#999999"


def colour_of(role: str) -> str:
    """Return the colour of a role as ``#rrggbb``.

    Examples
    --------
    >>> colour_of("vocal") == colour_of("backing_vocal")
    True
    """
    return _OF_SECTION.get(section_of(role), _OTHER)
