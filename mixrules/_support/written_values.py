"""Values as people write them, on a command line or in a file: numbers, true or false, one of some choices."""

from __future__ import annotations

import re

from mixrules._support.arguments import is_finite, shown_value
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
        raise ParameterError(f"{name} must be true or false, got {shown_value(value)}")
    return value


def as_number(value: object, name: str) -> float:
    """Return a finite number, given as such or as text; else raise `ParameterError`."""
    if isinstance(value, str):
        text = value
        try:
            value = float(text)
        except ValueError:
            what = f"{name} must be a number, got {shown_value(text)}{decimal_point(text)}"
            raise ParameterError(what) from None
    if not is_finite(value):
        raise ParameterError(f"{name} must be a finite number, got {shown_value(value)}")
    return float(value)  # type: ignore[arg-type]


def decimal_point(text: str) -> str:
    """Return a hint for a number written with a comma, to stand after it; nothing for another text."""
    if re.fullmatch(r"\s*[+-]?\d+,\d+\s*", text):
        return f", write a decimal number with a point: {text.strip().replace(',', '.')}"
    return ""
