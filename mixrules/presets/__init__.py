"""The rule sets that come with the package, each a TOML file in this folder."""

from __future__ import annotations

import dataclasses
import functools
from importlib import resources

from mixrules._support.arguments import require_known
from mixrules.ruleset import RuleSet

__all__ = ["load", "names"]


def names() -> tuple[str, ...]:
    """Return the names of the presets, the default first."""
    found = sorted(
        entry.name.removesuffix(".toml")
        for entry in resources.files(__name__).iterdir()
        if entry.name.endswith(".toml")
    )
    return tuple(sorted(found, key=lambda name: name != "default"))


def load(name: str = "default") -> RuleSet:
    """Return a preset by its name.

    Raises
    ------
    ParameterError
        If there is no preset of that name.
    """
    require_known(name, names(), what="preset")
    rules = _read(name)
    return dataclasses.replace(rules, constants=dict(rules.constants))  # a dictionary of the caller's own


@functools.cache
def _read(name: str) -> RuleSet:
    return RuleSet.from_toml(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
