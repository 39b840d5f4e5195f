"""Is the report true? Every statement is measured again on the rendered stems.

A statement says what will be true of the mix: a level, a range, a decay. Here each is measured on
the stem as it sits in the mix (before the master) or on the finished mix, and the number is kept
beside it; where the two differ by more than the statement's tolerance, a note says why.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from mixrules.decision import Decision, Statement, plain
from mixrules.measurements import Measurements
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.statement_kinds import KINDS


def verify(plan: MixPlan, measurements: Measurements) -> MixPlan:
    """Return the plan with every statement measured on what was rendered.

    Parameters
    ----------
    plan : MixPlan
        The plan that was rendered.
    measurements : Measurements
        Of the song; what the rules had it measure under these very settings is not measured again.

    Returns
    -------
    MixPlan
        With `measured` and, where needed, `note` of every statement that still holds the word;
        statements of superseded decisions are dropped.
    """
    return plan.replace(decisions=tuple(_checked(each, plan, measurements) for each in plan.decisions))


def edited_fields(plan: MixPlan) -> list[str]:
    """Return what in a plan is not as its decisions left it, e.g. ``["vocals gain_db"]``."""
    decided: dict[tuple[str, str], Any] = {}
    for decision in plan.decisions:
        for field, value in decision.parameters.items():
            decided[decision.stem, field] = value
    untouched_mix, untouched_strip = _settings(MixPlan(stems=())), _settings(StemPlan(name="untouched"))
    parts = [("", _settings(plan), untouched_mix)]
    parts += [(stem.name, _settings(stem), untouched_strip) for stem in plan.stems]
    return [
        f"{owner or 'mix'} {field}"
        for owner, settings, untouched in parts
        for field, value in settings.items()
        if decided.get((owner, field), untouched[field]) != value
    ]


def _settings(part: MixPlan | StemPlan) -> dict[str, Any]:
    """Return what sounds in a plan or a channel strip, as plain data."""
    labels = ("name", "role", "role_confidence", "instrument")
    names = [f.name for f in dataclasses.fields(StemPlan) if f.name not in labels]
    if isinstance(part, MixPlan):
        names = ["reverbs", "master"]
    return {name: plain(getattr(part, name)) for name in names}


def _checked(decision: Decision, plan: MixPlan, measurements: Measurements) -> Decision:
    if decision.superseded:
        return dataclasses.replace(decision, statements=())
    statements = []
    for statement in decision.statements:
        measured = _measured(statement, plan, measurements)
        # A plan that was rendered before holds the note of then.
        checked = dataclasses.replace(statement, measured=measured, note="")
        if checked.holds is not True:
            checked = dataclasses.replace(checked, note=_why_not(checked, plan, measurements))
        statements.append(checked)
    return dataclasses.replace(decision, statements=tuple(statements))


def _measured(statement: Statement, plan: MixPlan, measurements: Measurements) -> float | None:
    """Measure what a statement is about; None where there is nothing to measure, or the plan no longer has it."""
    if _missing(statement, plan, measurements):
        return None
    measured = KINDS[statement.kind].measure(measurements, plan, statement)
    return measured if math.isfinite(measured) else None


def _missing(statement: Statement, plan: MixPlan, measurements: Measurements) -> str:
    """Say which stem or reverb of a statement there is not; nothing where all are there."""
    gone = [name for name in statement.stems if name not in measurements.stems.names]
    if gone:
        return f"there is no stem {gone[0]!r}"
    if statement.bus and statement.bus not in {bus.name for bus in plan.reverbs}:
        return f"the plan has no reverb {statement.bus!r}"
    return ""


def _why_not(statement: Statement, plan: MixPlan, measurements: Measurements) -> str:
    """Say why a measurement departs from its statement."""
    missing = _missing(statement, plan, measurements)
    if missing:
        return missing
    edits = edited_fields(plan)
    if statement.measured is None and not edits:
        return KINDS[statement.kind].unmeasured
    if edits:
        return f"the plan holds what no rule had decided: {', '.join(edits)}"
    return "the cause was not determined"
