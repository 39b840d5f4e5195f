"""What is written of an analysis: tables as CSV and JSON, a table and a paragraph for a paper, figures, and the page."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules._support.json_values import defined
from mixrules.files import atomic_path, write_text_atomic
from mixrules.files.tables.writing import csv_text
from mixrules.ratings import sentences
from mixrules.ratings.analysis import Analysis
from mixrules.ratings.choices.analysis import ChoiceAnalysis
from mixrules.ratings.choices.screening import rules_of_choices
from mixrules.ratings.choices.sentences import choice_cautions, choice_methods, position_sentence
from mixrules.ratings.rejection import follows_bs1534
from mixrules.report.ratings.choice_tables import choice_tables
from mixrules.report.ratings.latex import choices_latex, ratings_latex
from mixrules.report.ratings.tables import tables

if TYPE_CHECKING:
    from mixrules.report.ratings.panel_figures import Figure

RESULTS_VERSION = 1


def write_results(
    analysis: Analysis | ChoiceAnalysis, folder: str | os.PathLike[str], *, figures: bool = True
) -> list[str]:
    """Write the results into an existing folder.

    Parameters
    ----------
    analysis : Analysis or ChoiceAnalysis
        The whole.
    folder : path-like
        Where to; files of the same names are replaced.
    figures : bool
        Whether to draw figures and write the page (needs matplotlib and jinja2).

    Returns
    -------
    list of str
        The names of the files.

    Raises
    ------
    AudioFileError
        If a file cannot be written.
    ListeningTestError
        If figures are asked for and the libraries that draw them are not installed.
    """
    folder = Path(folder)
    found = choice_tables(analysis) if isinstance(analysis, ChoiceAnalysis) else tables(analysis)
    texts = {f"{name}.csv": _csv(rows) for name, rows in found.items() if rows}
    texts["results.json"] = results_json(analysis)
    texts["table.tex"] = (
        choices_latex(analysis) if isinstance(analysis, ChoiceAnalysis) else ratings_latex(analysis)
    )
    texts["methods.txt"] = methods_of(analysis) + "\n"
    pictures: dict[str, bytes] = {}
    if figures:
        require_report()
        shown, page = _drawn(analysis)
        texts |= {f"{figure.name}.svg": figure.svg for figure in shown}
        pictures = {f"{figure.name}.png": figure.png for figure in shown}
        texts["index.html"] = page
    for name, text in texts.items():
        write_text_atomic(folder / name, text)
    for name, content in pictures.items():
        with atomic_path(folder / name) as temporary:
            temporary.write_bytes(content)
    return [*texts, *pictures]


def _drawn(analysis: Analysis | ChoiceAnalysis) -> tuple[list[Figure], str]:
    """Return the figures, and the page that shows them."""
    if isinstance(analysis, ChoiceAnalysis):
        from mixrules.report.ratings.choice_figures import choice_figures
        from mixrules.report.ratings.choice_page import choices_page

        figures = choice_figures(analysis)
        return figures, choices_page(analysis, figures)
    from mixrules.report.ratings.figures import ratings_figures
    from mixrules.report.ratings.page import ratings_page

    figures = ratings_figures(analysis)
    return figures, ratings_page(analysis, figures)


def methods_of(analysis: Analysis | ChoiceAnalysis) -> str:
    """Return the paragraph on the methods.

    Parameters
    ----------
    analysis : Analysis or ChoiceAnalysis
        The whole.
    """
    return choice_methods(analysis) if isinstance(analysis, ChoiceAnalysis) else sentences.methods(analysis)


def results_json(analysis: Analysis | ChoiceAnalysis) -> str:
    """Return everything as JSON: tables, settings, rules, versions, seed, methods; what is not defined is null.

    Parameters
    ----------
    analysis : Analysis or ChoiceAnalysis
        The whole.
    """
    import numpy
    import scipy

    from mixrules._support.version import __version__

    document: dict[str, Any] = {
        "format": "mixrules-listening-results",
        "version": RESULTS_VERSION,
        "title": analysis.reading.title,
        "made_with": {"mixrules": __version__, "scipy": scipy.__version__, "numpy": numpy.__version__},
        "read_as": analysis.reading.format,
        "sources": list(analysis.reading.sources),
    }
    if isinstance(analysis, ChoiceAnalysis):
        found = choice_tables(analysis)
        document |= {
            "asked": analysis.table.kind,
            "rejection_rules": list(rules_of_choices(analysis.settings.rejection)),
            "cautions": choice_cautions(analysis),
            "position": position_sentence(analysis),
        }
    else:
        found = tables(analysis)
        mushra = follows_bs1534(analysis.reading.table, analysis.reading.reference)
        document |= {
            "design": analysis.table.design,
            "scale": asdict(analysis.table.scale),
            "rejection_rules": list(analysis.settings.rejection.sentences(mushra=mushra)),
            "cautions": sentences.cautions(analysis),
        }
    document |= {"settings": asdict(analysis.settings), "methods": methods_of(analysis)}
    document |= {name: rows for name, rows in found.items() if name not in ("ratings", "choices")}
    return json.dumps(defined(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def require_report() -> None:
    """Raise `ListeningTestError` unless the libraries that draw figures and fill pages are installed."""
    from mixrules.errors import ListeningTestError
    from mixrules.report.page_frame import missing_for_pages

    missing = missing_for_pages()
    if missing:
        raise ListeningTestError(
            f"figures and page need {' and '.join(missing)}: pip install 'mixrules[report]', or --no-figures"
        )


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    return csv_text(({name: _cell(value) for name, value in row.items()} for row in rows), list(rows[0]))


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.10g}"
    return value
