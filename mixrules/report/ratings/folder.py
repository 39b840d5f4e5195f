"""What is written of an analysis: tables as CSV and JSON, figures, and the page."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mixrules._support.json_values import defined
from mixrules.files import atomic_path, write_text_atomic
from mixrules.files.tables.writing import csv_text
from mixrules.ratings import sentences
from mixrules.ratings.analysis import Analysis

RESULTS_VERSION = 1


def write_results(analysis: Analysis, folder: str | os.PathLike[str], *, figures: bool = True) -> list[str]:
    """Write the results into an existing folder.

    Parameters
    ----------
    analysis : Analysis
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
    texts = {f"{name}.csv": _csv(rows) for name, rows in tables(analysis).items() if rows}
    texts["results.json"] = results_json(analysis)
    pictures: dict[str, bytes] = {}
    if figures:
        require_report()
        from mixrules.report.ratings.figures import ratings_figures
        from mixrules.report.ratings.page import ratings_page

        shown = ratings_figures(analysis)
        texts |= {f"{figure.name}.svg": figure.svg for figure in shown}
        pictures = {f"{figure.name}.png": figure.png for figure in shown}
        texts["index.html"] = ratings_page(analysis, shown)
    for name, text in texts.items():
        write_text_atomic(folder / name, text)
    for name, content in pictures.items():
        with atomic_path(folder / name) as temporary:
            temporary.write_bytes(content)
    return [*texts, *pictures]


def tables(analysis: Analysis) -> dict[str, list[dict[str, Any]]]:
    """Return every table as rows of named cells.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    labels = analysis.table.scale.labels
    described = []
    for d in analysis.descriptions:
        row = asdict(d)
        counts = row.pop("counts")
        described.append(row | {f"count_{label}": n for label, n in zip(labels, counts, strict=True)})
    judged = [
        asdict(c) | {"sentence": sentences.verdict_sentence(c, analysis.settings)}
        for c in analysis.comparisons
    ]
    grouped = []
    for c in analysis.group_comparisons:
        row = asdict(c)
        row["condition"] = row.pop("group").removeprefix("condition: ")
        grouped.append(row | {"sentence": sentences.verdict_sentence(c, analysis.settings)})
    kept = set(analysis.table.listener)
    values = [
        row._asdict() | {"used": row.listener in kept}
        for row in (analysis.reading.table.rows() if analysis.table.design == "within" else [])
    ]
    return {
        "descriptions": described,
        "omnibus": [asdict(o) for o in analysis.omnibus],
        "comparisons": judged,
        "group_comparisons": grouped,
        "songs": songs(analysis),
        "consistency": [asdict(c) for c in analysis.consistency],
        "exclusions": exclusions(analysis),
        "comments": comments(analysis),
        "ratings": values,
    }


def songs(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the mean of each song, attribute and condition, where songs are known.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    sums: dict[tuple[str, str, str], list[float]] = {}
    for row in analysis.table.rows():
        if row.song:
            sums.setdefault((row.song, row.attribute, row.condition), []).append(row.value)
    return [
        {"song": s, "attribute": a, "condition": c, "ratings": len(v), "mean": math.fsum(v) / len(v)}
        for (s, a, c), v in sums.items()
    ]


def exclusions(analysis: Analysis) -> list[dict[str, Any]]:
    """Return everything that was not used: files, parts of files, listeners, each with the reason.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    files = [{"what": "file", "name": x.file, "reason": x.reason} for x in analysis.reading.left_out]
    return files + [
        {"what": "listener", "name": x.listener, "reason": f"{x.rule}: {x.found}"} for x in analysis.rejected
    ]


def comments(analysis: Analysis) -> list[dict[str, Any]]:
    """Return what listeners wrote, by song and by what it is about, those of listeners left out too.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    used = set(analysis.table.listener)
    return [
        {
            **{
                "song": c.song,
                "conditions": "; ".join(c.conditions),
                "listener": c.listener,
                "group": c.group,
            },
            **{"comment": c.text, "heard_as": c.heard_as, "page": c.page, "repeat": c.repeat},
            "used": c.listener in used,
        }
        for c in analysis.reading.comments
    ]


def results_json(analysis: Analysis) -> str:
    """Return everything as JSON: tables, settings, rules, versions, seed, methods; what is not defined is null.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    import numpy
    import scipy

    from mixrules._support.version import __version__

    scale = analysis.table.scale
    found = {name: rows for name, rows in tables(analysis).items() if name != "ratings"}
    document = {
        "format": "mixrules-listening-results",
        "version": RESULTS_VERSION,
        "title": analysis.reading.title,
        "made_with": {"mixrules": __version__, "scipy": scipy.__version__, "numpy": numpy.__version__},
        "read_as": analysis.reading.format,
        "sources": list(analysis.reading.sources),
        "design": analysis.table.design,
        "scale": asdict(scale),
        "settings": asdict(analysis.settings),
        "rejection_rules": list(analysis.settings.rejection.sentences()),
        "methods": sentences.methods(analysis),
        "cautions": sentences.cautions(analysis),
    }
    return json.dumps(defined(document | found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


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
