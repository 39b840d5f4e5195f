"""The tables of an analysis of choices, as rows of named cells."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mixrules.ratings.choices.analysis import ChoiceAnalysis
from mixrules.ratings.choices.sentences import discrimination_sentence, preference_sentence
from mixrules.report.ratings.tables import comments, exclusions


def choice_tables(analysis: ChoiceAnalysis) -> dict[str, list[dict[str, Any]]]:
    """Return every table as rows of named cells.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole.
    """
    settings = analysis.settings
    kept = set(analysis.table.names("listener"))
    all_choices = analysis.reading.choices
    return {
        "preferences": [
            asdict(c) | {"sentence": preference_sentence(c, settings)} for c in analysis.preferences
        ],
        "strengths": [asdict(s) for s in analysis.strengths],
        "discriminations": [
            asdict(d) | {"sentence": discrimination_sentence(d, settings)} for d in analysis.discriminations
        ],
        "listeners": [asdict(one) for one in analysis.listeners],
        "positions": [asdict(analysis.position)],
        "agreement": [asdict(a) for a in analysis.agreement],
        "exclusions": exclusions(analysis),
        "comments": comments(analysis),
        "choices": [
            row._asdict() | {"used": row.listener in kept}
            for row in (all_choices.rows if all_choices else ())
        ],
    }
