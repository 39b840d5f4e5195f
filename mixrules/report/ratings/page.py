"""The page of a listening test's results: cautions, figures, verdicts, tables, what was left out, methods."""

from __future__ import annotations

from collections.abc import Sequence

from mixrules.ratings import sentences
from mixrules.ratings.analysis import Analysis
from mixrules.ratings.table import ALL
from mixrules.report.page_frame import filled_page
from mixrules.report.ratings.figures import Figure


def ratings_page(analysis: Analysis, figures: Sequence[Figure]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    figures : sequence of Figure
        Drawn from it.

    Returns
    -------
    str
    """
    table = analysis.table
    return filled_page(
        "ratings_page.html.jinja",
        analysis=analysis,
        table=table,
        settings=analysis.settings,
        all=ALL,
        groups=table.groups(),
        listeners=len(table.names("listener")) if table.design == "within" else None,
        cautions=sentences.cautions(analysis),
        methods=sentences.methods(analysis),
        rules=analysis.settings.rejection.sentences(),
        figures=figures,
        verdict=lambda c: sentences.verdict_sentence(c, analysis.settings),
        omnibus=lambda o: sentences.omnibus_sentence(o, analysis.settings),
    )
