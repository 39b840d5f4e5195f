"""What the report states must be true: every statement holds, but for what is named here with its bound."""

from __future__ import annotations

from mixrules import MixPlan, Statement

REVERB_LU = 1.0
"""By so much a reverb that fills a stem's pauses may narrow its loudness range."""

SHORT_S = 8.0
END_LU = 0.6
"""In songs shorter than this the three gating blocks of 400 ms across a stem's end, which the rules do
not see as their stems stop there, weigh more than the tolerance of 0.1 LU, and at most so much."""
END_KINDS = ("stem_integrated_lufs", "group_integrated_lufs", "vocal_to_backing_lu")


def assert_true(made: MixPlan, *, seconds: float) -> list[Statement]:
    """Assert that a checked plan's statements hold, for stems of this length; return those allowed not to."""
    allowed = []
    for decision in made.decisions:
        for statement in decision.statements:
            assert statement.measured is not None, (decision.rule, statement)
            assert statement.holds or statement.note, (decision.rule, statement)
            if not statement.holds:
                assert is_allowed(statement, made, seconds), (decision.rule, statement)
                allowed.append(statement)
    return allowed


def is_allowed(statement: Statement, made: MixPlan, seconds: float) -> bool:
    """Say whether a statement that does not hold is one of the two sorts that need not, within its bound."""
    assert statement.measured is not None
    departure = abs(statement.measured - statement.stated)
    if statement.kind == "stem_loudness_range_lu":
        (name,) = statement.stems
        sent = bool(made.stem(name).sends)
        return sent and "reverb" in statement.note and departure <= REVERB_LU
    return statement.kind in END_KINDS and seconds < SHORT_S and departure <= END_LU
