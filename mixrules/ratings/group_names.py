"""What the groups of listeners are called."""

from __future__ import annotations

from collections.abc import Sequence

ALL = "all"
"""The group that everybody is in."""


def groups_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``all`` and, where there are two or more, the groups.

    Parameters
    ----------
    names : sequence of str
        The different entries of a column of groups.
    """
    named = tuple(name for name in names if name != ALL)
    return (ALL, *named) if len(named) > 1 or ALL in names else (ALL,)
