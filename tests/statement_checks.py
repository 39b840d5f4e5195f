"""What the report states must be true: every statement holds, but for the sorts named here, with their bounds."""

from __future__ import annotations

from mixrules import MixPlan, Statement

FOLLOWS_LU = 1.0
"""By so much what follows the compressor may change a stem's loudness range: a reverb fills the pauses, a limiter takes
peaks, a fade takes the ends of a short song. The note then has the range that the compressor left."""


def assert_true(made: MixPlan) -> list[Statement]:
    """Assert that a checked plan's statements hold; return those that are allowed not to."""
    allowed = []
    for decision in made.decisions:
        for statement in decision.statements:
            assert statement.measured is not None, (decision.rule, statement)
            if not statement.holds:
                explained = changed_by_what_follows(statement, made)
                assert explained, (decision.rule, statement)
                allowed.append(statement)
    return allowed


def changed_by_what_follows(statement: Statement, made: MixPlan) -> bool:
    """Say whether a loudness range departs within the bound, and the note names what in the strip did it."""
    if statement.kind != "stem_loudness_range_lu" or statement.measured is None:
        return False
    (name,) = statement.stems
    strip = made.stem(name)
    later = {"reverb": strip.sends, "limiter": strip.limiter, "automation": strip.automation}
    named = [what for what in later if what in statement.note]
    departure_lu = abs(statement.stated - statement.measured)
    return bool(named) and all(later[what] for what in named) and departure_lu <= FOLLOWS_LU
