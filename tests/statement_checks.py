"""What the report states must be true: every statement holds, but for the sorts named here, with their bounds."""

from __future__ import annotations

from mixrules import MixPlan, Statement

REVERB_LU = 1.0
"""By so much a reverb, which comes after the compressor, may change a stem's loudness range as it fills the
pauses: narrower where they are short, wider where they were below the gate. The note then has the range that
the compressor left."""

LATER_FILTERS_DB = 3.0
"""By so much the cuts of the masking EQ, which come after those of the tone rule, may move an octave of a stem. The note
then has the level that the tone rule left."""


def assert_true(made: MixPlan) -> list[Statement]:
    """Assert that a checked plan's statements hold; return those that are allowed not to."""
    allowed = []
    for decision in made.decisions:
        for statement in decision.statements:
            assert statement.measured is not None, (decision.rule, statement)
            if not statement.holds:
                explained = filled_by_reverb(statement, made) or moved_by_later_filters(statement, made)
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


def moved_by_later_filters(statement: Statement, made: MixPlan) -> bool:
    """Say whether a level in a stem's spectrum departs by later filters, within the bound, and the note says so."""
    if statement.kind not in ("stem_octave_level_db", "stem_level_below_db") or statement.measured is None:
        return False
    (name,) = statement.stems
    later = [d for d in made.decisions if (d.rule, d.stem) == ("eq", name) and "equalizer" in d.parameters]
    departure_db = abs(statement.stated - statement.measured)
    return bool(later) and "as stated" in statement.note and departure_db <= LATER_FILTERS_DB
