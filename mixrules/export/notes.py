"""Decisions as the notes of a track: what was done, in the rules' own sentences."""

from __future__ import annotations

from mixrules.errors import in_one_line
from mixrules.mixplan import MixPlan


def note_of(plan: MixPlan, stem: str) -> str:
    """Return the decisions about a stem (the whole mix, if it is empty), one a line; those superseded are left out."""
    return "\n".join(
        f"{in_one_line(decision.rule)}: {in_one_line(decision.sentence)}"
        for decision in plan.decisions
        if decision.stem == stem and not decision.superseded
    )
