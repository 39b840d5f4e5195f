"""The page of an A/B or ABX test's results."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mixrules.ratings.choices.analysis import ChoiceAnalysis
from mixrules.ratings.choices.screening import rules_of_choices
from mixrules.ratings.choices.sentences import (
    choice_cautions,
    choice_methods,
    choice_verdicts,
    position_sentence,
)
from mixrules.ratings.group_names import ALL
from mixrules.report.page_frame import filled_page
from mixrules.report.ratings.comments import shown_comments
from mixrules.report.ratings.panel_figures import Figure
from mixrules.statistics import FEWEST_FOR_INTERVAL


def choices_page(analysis: ChoiceAnalysis, figures: Sequence[Figure]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole.
    figures : sequence of Figure
        Drawn from it.

    Returns
    -------
    str
    """
    table, settings = analysis.table, analysis.settings

    def interval(low: float, high: float, listeners: int) -> str:
        if not math.isnan(low):
            return f"{_percent(low)} to {_percent(high)}"
        asked = settings.resamples > 0 and listeners < FEWEST_FOR_INTERVAL
        return f"needs {FEWEST_FOR_INTERVAL} listeners" if asked else "not asked for"

    return filled_page(
        "choices_page.html.jinja",
        analysis=analysis,
        table=table,
        settings=settings,
        ab=table.kind == "ab",
        all=ALL,
        groups=table.groups(),
        listeners=len(table.names("listener")),
        heard=analysis.listeners,
        cautions=choice_cautions(analysis),
        methods=choice_methods(analysis),
        rules=rules_of_choices(settings.rejection),
        position=position_sentence(analysis),
        figures=figures,
        percent=_percent,
        interval=interval,
        sensitivity=lambda d: f"{d:.2f}" if math.isfinite(d) else "beyond measure",
        verdicts=lambda group: choice_verdicts(analysis, group),
        **shown_comments(analysis),
    )


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")
