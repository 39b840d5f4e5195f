"""Small helpers for the sentences of decisions."""

from __future__ import annotations

from collections.abc import Sequence


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign, e.g. ``+1.5`` or ``-0.2``; never ``-0.0``."""
    text = f"{value:+.{digits}f}"
    return text.replace("-", "+") if float(text) == 0 else text


def listed(items: Sequence[str]) -> str:
    """Return items as people list them: ``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
