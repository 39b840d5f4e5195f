"""Roles that belong together: the pieces of a kit, and instruments with keys."""

from __future__ import annotations

WHOLE_KIT = "drums"
_FAMILIES = (
    frozenset({WHOLE_KIT, "kick", "snare", "toms", "hihat", "cymbals", "percussion"}),
    frozenset({"piano", "keys", "synth"}),
)


def family_of(role: str) -> frozenset[str]:
    """Return the roles that belong with one, itself included.

    Examples
    --------
    >>> sorted(family_of("keys"))
    ['keys', 'piano', 'synth']
    """
    return next((family for family in _FAMILIES if role in family), frozenset({role}))
