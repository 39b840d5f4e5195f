"""The decisions of a plan as rows of a table: rule, stem, what and why, and what was checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.wording import listed
from mixrules.decision import Statement
from mixrules.mixplan import MixPlan
from mixrules.statement_kinds import KINDS


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision, ready for a table."""

    rule: str
    stem: str
    sentence: str
    checked: str


def decision_rows(plan: MixPlan) -> list[DecisionRow]:
    """Return the decisions that hold, in the order in which they were made."""
    rendered = plan.result is not None
    return [
        DecisionRow(
            decision.rule,
            decision.stem or "mix",
            decision.sentence,
            "; ".join(_checked(statement, rendered) for statement in decision.statements),
        )
        for decision in plan.decisions
        if not decision.superseded
    ]


def grouped_rows(rows: Sequence[DecisionRow]) -> list[DecisionRow]:
    """Return rows with those in one that say the same of several stems, and promise nothing: it is read once."""
    groups: dict[tuple[str, ...], list[DecisionRow]] = {}
    for row in rows:
        said = row.sentence.removeprefix(f"{row.stem}: ")
        alike = said != row.sentence and not row.checked
        groups.setdefault((row.rule, said) if alike else (row.rule, row.stem, row.sentence), []).append(row)
    return [group[0] if len(group) == 1 else _of_all(group) for group in groups.values()]


def _of_all(group: Sequence[DecisionRow]) -> DecisionRow:
    names = [row.stem for row in group]
    said = group[0].sentence.removeprefix(f"{names[0]}: ").replace(", as it ", ", as each ", 1)
    return dataclasses.replace(group[0], stem="", sentence=f"{listed(names)}: {said}")


def failed_statements(plan: MixPlan) -> list[str]:
    """Return a line for every statement that the measurement does not bear out, with the reason."""
    return [
        f"{decision.rule}, {decision.stem or 'mix'}: {_checked(statement)}: {statement.note}"
        for decision in plan.decisions
        if not decision.superseded
        for statement in decision.statements
        if statement.note
    ]


def checks_held(plan: MixPlan) -> tuple[int, int]:
    """Return how many statements of a rendered plan hold, and how many it makes."""
    made = sum(len(decision.statements) for decision in plan.decisions if not decision.superseded)
    return made - len(failed_statements(plan)), made


def _checked(statement: Statement, rendered: bool = True) -> str:
    what = KINDS[statement.kind].label
    if statement.at_hz is not None:
        what = what.format(hz=f"{statement.at_hz:g}")
    if not rendered:
        return f"{what} {statement.stated:.2f} {statement.unit}"
    if statement.measured is None:
        return f"{what} {statement.stated:.2f} {statement.unit}, not measured"
    mark = "✓" if statement.holds else "≠"
    return f"{what} {statement.stated:.2f} {mark} {statement.measured:.2f} {statement.unit}"
