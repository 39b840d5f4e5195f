"""Is the report true? Every statement is measured again on the rendered stems.

A statement says what will be true of the mix: a level, a range, a decay. Here each is measured on
the stem as it sits in the mix (before the master) or on the finished mix, and the number is kept
beside it; where the two differ by more than the statement's tolerance, a note says why. What somebody has changed
since is no fault of the rule: a statement that no longer holds because of that is dropped.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from mixrules.decision import Decision, Statement
from mixrules.measurements import Measurements
from mixrules.mixplan import MixPlan
from mixrules.plan_edits import Edit, edits
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
        With `measured` and, where needed, `note` of every statement. Those of superseded decisions are dropped, and
        those that do not hold because of an edit (see `mixrules.plan_edits`).
    """
    edited = edits(plan)
    return plan.replace(
        decisions=tuple(_checked(each, plan, edited, measurements) for each in plan.decisions)
    )


def _checked(
    decision: Decision, plan: MixPlan, edited: Sequence[Edit], measurements: Measurements
) -> Decision:
    if decision.superseded:
        return dataclasses.replace(decision, statements=())
    statements = []
    for statement in decision.statements:
        measured = _measured(statement, plan, measurements)
        # A plan that was rendered before holds the note of then.
        checked = dataclasses.replace(statement, measured=measured, note="")
        if checked.holds is not True:
            if any(edit.concerns(statement) for edit in edited):
                continue
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
    if statement.measured is None:
        return KINDS[statement.kind].unmeasured
    return "predicted wrongly; the cause is not known"
