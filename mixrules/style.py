"""A style: a few named changes to the constants of a rule set, each with its source; taste, not a genre."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixrules._support.arguments import shown_value
from mixrules._support.field_types import require_field_types
from mixrules.errors import ParameterError

_FORM = '{ about = ..., changes = { "rule.constant" = { add = 1.0, source = ... } } }'


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleChange:
    """A change of one constant, in its unit: `add` is added to its value, or `to` takes its place; and its source."""

    add: float | None = None
    to: float | None = None
    source: str

    def __post_init__(self) -> None:
        require_field_types(self)
        if (self.add is None) == (self.to is None):
            raise ParameterError(f"a change of a style has either add or to, got {self.add} and {self.to}")

    def of(self, value: float) -> float:
        """Return what a value becomes."""
        return value + self.add if self.add is not None else float(self.to or 0.0)

    def in_words(self, unit: str) -> str:
        """Return the change as a text, e.g. ``+5 LU``."""
        return (f"{self.add:+g} {unit}" if self.add is not None else f"= {self.to:g} {unit}").rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A style by its name: what it is, and its changes by the constants' names."""

    name: str
    about: str
    changes: Mapping[str, StyleChange]

    def __post_init__(self) -> None:
        require_field_types(self)


def style_of_entry(name: str, entry: Any) -> Style:
    """Make a style of its table in a preset file."""
    try:
        changes = {key: StyleChange(**change) for key, change in entry["changes"].items()}
        return Style(name=name, about=entry["about"], changes=changes)
    except (AttributeError, KeyError, TypeError):
        raise ParameterError(
            f"the style {name} must be a table such as {_FORM}, got {shown_value(entry)}"
        ) from None
