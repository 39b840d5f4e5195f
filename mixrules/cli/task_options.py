"""What options of `mixrules dataset` and `mixrules train` take."""

from __future__ import annotations

import click

# Written out, so that help does not import what knows them; a test compares.
TASKS = ("level", "eq", "compression", "reverb", "reverb-2022", "toy-level", "toy-eq")


def one_fraction(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """Return a number that may be written as a fraction; None where the option is not given."""
    return None if value is None else as_fraction(value)


def as_fraction(text: str) -> float:
    """Return a number that may be written as a fraction; fails with `click.BadParameter`."""
    top, slash, bottom = text.strip().partition("/")
    try:
        return float(top) / float(bottom) if slash else float(top)
    except (ValueError, ZeroDivisionError) as error:
        raise click.BadParameter(f"{text!r} is no fraction: 1/4 and 0.25 are.") from error
