"""A constant of a rule: its value with unit, bounds and source, and the value at which the rule does nothing."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from mixrules._support.arguments import is_finite, shown_value
from mixrules._support.validation import require_finite_fields, require_types, split_items
from mixrules._support.written_values import as_bool, as_number, is_among
from mixrules.errors import ParameterError

_EMPTY = "none"

Value = float | int | str | bool | tuple[str, ...] | tuple[float, ...]
"""A constant's value: a number, a text, true or false, or a list of texts or of numbers (as a tuple)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """One constant of a rule: its value, unit and where it comes from.

    `minimum`, `maximum` and `choices` say what `RuleSet.with_values` accepts; None means no bound. Where
    the value is a list they, and the unit, are those of each item. `neutral` is the value at which the rule does
    nothing, towards which a strength below 1 moves it; -inf, for a level in dB, is silence. None: no strength moves it.
    """

    value: Value
    unit: str
    about: str
    source: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None
    neutral: float | None = None

    def __post_init__(self) -> None:
        require_types(self, unit=str, about=str, source=str, choices=(tuple, type(None)))
        if not isinstance(self.value, bool | int | float | str | tuple):
            raise ParameterError(
                f"value must be a number, a text, true, false or a list, got {shown_value(self.value)}"
            )
        require_finite_fields(self, *(n for n in ("minimum", "maximum") if getattr(self, n) is not None))
        if self.neutral is not None:
            if isinstance(self.value, bool) or not isinstance(self.value, int | float):
                raise ParameterError(f"only a number has a neutral value, got {shown_value(self.value)}")
            if not (is_finite(self.neutral) or self.neutral == -math.inf):
                raise ParameterError(f"neutral must be a number or -inf, got {shown_value(self.neutral)}")
        if not all(isinstance(choice, str) for choice in self.choices or ()):
            raise ParameterError(f"choices must be texts, got {shown_value(self.choices)}")

    def with_value(self, value: object, name: str) -> Constant:
        """Return the constant with another value of the same type, checked against its bounds.

        A list may be given as one text, its items separated by commas; ``none`` is an empty list of texts.
        """
        return dataclasses.replace(self, value=self._checked(value, name))

    def at_strength(self, strength: float) -> Constant:
        """Return the constant at a share of its distance from neutral; the bounds hold.

        A level against which silence is neutral becomes quieter by 20 log10 of the share.
        """
        if self.neutral is None or not isinstance(self.value, int | float):
            return self
        moved: float
        if math.isinf(self.neutral):
            moved = self.value + 20.0 * math.log10(strength) if strength > 0.0 else -math.inf
        else:
            moved = self.neutral + strength * (self.value - self.neutral)
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        moved = min(max(moved, low), high)
        return dataclasses.replace(self, value=round(moved) if isinstance(self.value, int) else moved)

    def _checked(self, value: object, name: str) -> Value:
        if isinstance(self.value, tuple):
            return self._checked_items(value, name)
        if isinstance(self.value, bool):
            return as_bool(value, name)
        if isinstance(self.value, str):
            if not isinstance(value, str) or (self.choices and not is_among(value, self.choices)):
                allowed = ", ".join(self.choices) if self.choices else "a text"
                raise ParameterError(f"{name} must be one of {allowed}, got {shown_value(value)}")
            return value
        number = as_number(value, name)
        if isinstance(self.value, int) and number != int(number):
            raise ParameterError(f"{name} must be a whole number, got {shown_value(value)}")
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= number <= high:
            unit = f" {self.unit}" if self.unit else ""
            raise ParameterError(f"{name} must be {low:g} to {high:g}{unit}, got {number:g}")
        return int(number) if isinstance(self.value, int) else number

    def _checked_items(self, value: object, name: str) -> Value:
        """Return a list's items, each checked as a constant of its own would be."""
        if isinstance(value, str):
            value = () if value.strip() == _EMPTY else split_items(value, name=name)
        if not isinstance(value, list | tuple):
            raise ParameterError(
                f"{name} must be a list, its items separated by commas, got {shown_value(value)}"
            )
        bounded = self.minimum is not None or self.maximum is not None
        numbers = bounded or any(isinstance(item, int | float) for item in self.value)  # type: ignore[union-attr]
        if numbers and not value:
            raise ParameterError(f"{name} must hold at least one number")
        one = dataclasses.replace(self, value=0.0 if numbers else "", neutral=None)
        return tuple(one._checked(item, f"each of {name}") for item in value)  # type: ignore[return-value]


def constant_of_entry(name: str, entry: Any) -> Constant:
    """Make a constant of its entry in a preset file; a list becomes a tuple."""
    try:
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
        constant = Constant(**fields)
    except (AttributeError, TypeError):
        form = "{ value = 1.0, unit = ..., about = ..., source = ... }"
        raise ParameterError(f"{name} must be a table such as {form}, got {shown_value(entry)}") from None
    except ParameterError as error:
        raise ParameterError(f"{name}: {error}") from None
    return constant.with_value(constant.value, name)
