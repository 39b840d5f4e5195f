"""What the report states must be true: every statement holds, but for the sorts named here, with their bounds."""

from __future__ import annotations

from mixrules import MixPlan, Statement

REVERB_LU = 1.0
"""By so much a reverb, which comes after the compressor, may change a stem's loudness range as it fills the
pauses: narrower where they are short, wider where they were below the gate. The note then has the range that
the compressor left."""


def assert_true(made: MixPlan) -> list[Statement]:
    """Assert that a checked plan's statements hold; return those that are allowed not to."""
    allowed = []
    for decision in made.decisions:
        for statement in decision.statements:
            assert statement.measured is not None, (decision.rule, statement)
            if not statement.holds:
                explained = filled_by_reverb(statement, made)
                assert explained, (decision.rule, statement)
                allowed.append(statement)
    return allowed


def filled_by_reverb(statement: Statement, made: MixPlan) -> bool:
    """Say whether a loudness range departs by a reverb, within the bound, and the note names the reverb."""
    if statement.kind != "stem_loudness_range_lu" or statement.measured is None:
        return False
    (name,) = statement.stems
    departure_lu = abs(statement.stated - statement.measured)
    return bool(made.stem(name).sends) and "reverb" in statement.note and departure_lu <= REVERB_LU
