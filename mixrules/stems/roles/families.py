"""Roles that belong together: voices, the pieces of a kit, instruments with keys, and the sections of a band."""

from __future__ import annotations

VOICES = frozenset({"vocal", "backing_vocal"})
WHOLE_KIT = "drums"
KIT_PARTS = ("kick", "snare", "toms", "hihat", "cymbals")
_FAMILIES = (
    frozenset({WHOLE_KIT, *KIT_PARTS, "percussion"}),
    frozenset({"piano", "keys", "synth"}),
)
_SECTIONS = {
    "voice": VOICES,
    "drums": _FAMILIES[0],
    "bass": ("bass",),
    "harmony": (*_FAMILIES[1], "guitar", "strings", "winds", "accompaniment", "other"),
}
_SECTION_OF = {role: section for section, roles in _SECTIONS.items() for role in roles}


def family_of(role: str) -> frozenset[str]:
    """Return the roles that belong with one, itself included.

    Examples
    --------
    >>> sorted(family_of("keys"))
    ['keys', 'piano', 'synth']
    """
    return next((family for family in _FAMILIES if role in family), frozenset({role}))


def section_of(role: str) -> str:
    """Return the section of a band that a role plays in: voice, drums, bass or harmony; empty for what is in none.

    Examples
    --------
    >>> section_of("snare"), section_of("keys"), section_of("effects")
    ('drums', 'harmony', '')
    """
    return _SECTION_OF.get(role, "")
