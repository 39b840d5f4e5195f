"""Numbers, units and lists as sentences have them: one way for rules, plans and pages to say them."""

from __future__ import annotations

from collections.abc import Sequence

UNITS = {
    "db_per_s": "dB/s",
    "db": "dB",
    "dbfs": "dBFS",
    "dbtp": "dBTP",
    "lufs": "LUFS",
    "hz": "Hz",
    "ms": "ms",
    "s": "s",
    "m": "m",
}
"""How the units are written with which names of parameters end; the longest of two that fit stands first."""


def words_and_unit(name: str) -> tuple[str, str]:
    """Return the name of a parameter as words, and its unit: ``pre_delay_ms`` is ``pre delay`` and ``ms``.

    A name that is nothing but a unit, or has none, is all words.
    """
    for ending, unit in UNITS.items():
        words = name.removesuffix(f"_{ending}")
        if words not in (name, ""):
            return words.replace("_", " "), unit
    return name.replace("_", " "), ""


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign, e.g. ``+1.5`` or ``-0.2``; never ``-0.0``."""
    text = f"{value:+.{digits}f}"
    return text.replace("-", "+") if float(text) == 0 else text


def prints_as_zero(value: float, digits: int = 1) -> bool:
    """Return whether a number is too small to be seen with so many digits."""
    return abs(value) < 10.0**-digits / 2


def hertz(frequency_hz: float) -> str:
    """Return a frequency as it stands on an equaliser, e.g. ``250 Hz`` or ``2.5 kHz``."""
    rounded_hz = float(f"{frequency_hz:.3g}")
    return f"{rounded_hz:g} Hz" if rounded_hz < 1000.0 else f"{rounded_hz / 1000.0:g} kHz"


def place(pan: float) -> str:
    """Return where a pan stands between the loudspeakers: ``centre``, ``30 % left``."""
    percent = round(100.0 * abs(pan))
    return f"{percent} % {side(pan)}" if percent else "centre"


def side(pan: float) -> str:
    """Return on which side of the centre a pan stands."""
    return "left" if pan < 0.0 else "right"


def listed(items: Sequence[str]) -> str:
    """Return items as people list them: ``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def listed_briefly(items: Sequence[str], most: int = 6) -> str:
    """Return items as people list them, the last ones of very many as a count: ``a, b, c, d, e and 31 more``."""
    if len(items) <= most:
        return listed(items)
    return listed([*items[: most - 1], f"{len(items) - most + 1} more"])
