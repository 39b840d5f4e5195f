"""The constants of a preset that are numbers, as numbers."""

from __future__ import annotations

from mixrules import presets


def numbers(section: str, preset: str = "default") -> dict[str, float]:
    """Return the numbers of one section of a preset by name."""
    values = presets.load(preset).section(section)
    return {name: value for name, value in values.items() if isinstance(value, int | float)}
