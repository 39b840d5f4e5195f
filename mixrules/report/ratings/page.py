"""The page of a listening test's results: cautions, figures, verdicts, tables, what was left out, methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mixrules.ratings import sentences
from mixrules.ratings.analysis import Analysis
from mixrules.ratings.describe import Description
from mixrules.ratings.group_names import ALL
from mixrules.ratings.model_sentences import component_name, model_sentences
from mixrules.ratings.rejection import follows_bs1534
from mixrules.ratings.undefined import interval_text, no_correlation, no_equivalence, no_p
from mixrules.ratings.verdicts import Comparison
from mixrules.report.page_frame import filled_page
from mixrules.report.ratings.comments import shown_comments
from mixrules.report.ratings.panel_figures import Figure
from mixrules.report.ratings.tables import outliers


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
        rules=analysis.settings.rejection.sentences(
            mushra=follows_bs1534(analysis.reading.table, analysis.reading.reference)
        ),
        outliers=outliers(analysis),
        models={m.attribute: m for m in analysis.models},
        model_said=lambda m: model_sentences(
            m,
            [c for c in analysis.comparisons if (c.group, c.attribute) == (m.group, m.attribute)],
            analysis.settings,
        ),
        component_name=component_name,
        figures=figures,
        **shown_comments(analysis),
        interval=_interval_of(analysis),
        no_p=no_p,
        no_equivalence=no_equivalence,
        no_correlation=no_correlation,
        verdicts=lambda group: sentences.verdicts(analysis, group),
        omnibus=lambda o: sentences.omnibus_sentence(o, analysis.settings),
    )


def _interval_of(analysis: Analysis) -> Callable[..., str]:
    units = "listeners" if analysis.table.design == "within" else "values"

    def interval(row: Description | Comparison, test: str = "", digits: int = 2) -> str:
        of = units if not test.startswith("Mann") else "values"
        text = interval_text(row.ci_low, row.ci_high, analysis.settings, units=of, digits=digits)
        return text.replace("-", "\N{MINUS SIGN}")

    return interval
