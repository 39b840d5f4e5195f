"""Helpers for the sentences of decisions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules._support.wording import listed, prints_as_zero
from mixrules.session import VOCAL, Session

_MOST_LISTED = 4


def shortfall(aim_lufs: float, reached_lufs: float) -> str:
    """Return the words for a fader that met its limit; nothing where the aim was reached."""
    if prints_as_zero(reached_lufs - aim_lufs):
        return ""
    if not math.isfinite(reached_lufs):
        return " (together they cancel out: one of them has its polarity reversed)"
    return f" (the fader's limit stops it at {reached_lufs:.1f} LUFS)"


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
