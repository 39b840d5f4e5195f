"""Helpers for the sentences of decisions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules.session import VOCAL, Session

_MOST_LISTED = 4


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign, e.g. ``+1.5`` or ``-0.2``; never ``-0.0``."""
    text = f"{value:+.{digits}f}"
    return text.replace("-", "+") if float(text) == 0 else text


def prints_as_zero(value: float, digits: int = 1) -> bool:
    """Return whether a number is too small to be seen with so many digits."""
    return abs(value) < 10.0**-digits / 2


def shortfall(aim_lufs: float, reached_lufs: float) -> str:
    """Return the words for a fader that met its limit; nothing where the aim was reached."""
    if prints_as_zero(reached_lufs - aim_lufs):
        return ""
    if not math.isfinite(reached_lufs):
        return " (together they cancel out: one of them has its polarity reversed)"
    return f" (the fader's limit stops it at {reached_lufs:.1f} LUFS)"


def listed(items: Sequence[str]) -> str:
    """Return items as people list them: ``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def few_or_count(names: Sequence[str]) -> str:
    """Return stems as a list, or how many they are where a list would be long."""
    return listed(names) if len(names) <= _MOST_LISTED else f"{len(names)} stems"


def no_vocal(session: Session) -> tuple[str, str]:
    """Say that no lead vocal is active, and what helps: naming one, unless one is named already."""
    named = [stem.name for stem in session.stems if stem.role == VOCAL]
    if named:
        return (
            f"No lead vocal is heard ({listed(named)} {'is' if len(named) == 1 else 'are'} silent or muted)",
            "",
        )
    return "No lead vocal was found", "; --role FILE=vocal names one"
