"""Values as people write them, on a command line or in a file: numbers, true or false, one of some choices."""

from __future__ import annotations

import math

from mixrules.errors import ParameterError

_MOST_COUNTED = 100


def is_among(value: str, choices: tuple[str, ...]) -> bool:
    """Return whether a text is one of the choices; where one ends in N, a number of 1 to 100 stands."""
    stem = value.rstrip("0123456789")
    number = value.removeprefix(stem)
    counted = f"{stem}N" in choices and number.isdecimal() and 1 <= int(number) <= _MOST_COUNTED
    return counted or (value in choices and not value.endswith("N"))


def as_bool(value: object, name: str) -> bool:
    """Return true or false, given as such or as a word; else raise `ParameterError`."""
    if isinstance(value, str) and value.lower() in ("true", "false", "yes", "no", "on", "off"):
        return value.lower() in ("true", "yes", "on")
    if not isinstance(value, bool):
        raise ParameterError(f"{name} must be true or false, got {value!r}")
    return value


def as_number(value: object, name: str) -> float:
    """Return a finite number, given as such or as text; else raise `ParameterError`."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise ParameterError(f"{name} must be a number, got {value!r}") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ParameterError(f"{name} must be a finite number, got {value!r}")
    return float(value)
