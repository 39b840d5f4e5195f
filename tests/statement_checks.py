"""What the report states must be true."""

from __future__ import annotations

from mixrules import MixPlan


def assert_true(made: MixPlan) -> None:
    """Assert that all of a checked plan's statements hold."""
    for decision in made.decisions:
        for statement in decision.statements:
            assert statement.holds, (decision.rule, statement)
