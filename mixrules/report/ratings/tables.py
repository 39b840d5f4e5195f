"""The tables of an analysis of ratings, as rows of named cells."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from mixrules.ratings import sentences
from mixrules.ratings.analysis import Analysis
from mixrules.ratings.choices.analysis import ChoiceAnalysis

_FENCE = 1.5
"""Of the distances between quartiles, after ITU-R BS.1534-3, 4.1.2."""
_FEWEST_FOR_QUARTILES = 5


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
        "model_contrasts": _contrasts(analysis),
        "model_effects": _effects(analysis),
        "model_checks": _checks(analysis),
        "songs": songs(analysis),
        "consistency": [asdict(c) for c in analysis.consistency],
        "outliers": outliers(analysis),
        "exclusions": exclusions(analysis),
        "comments": comments(analysis),
        "ratings": values,
    }


def _contrasts(analysis: Analysis) -> list[dict[str, Any]]:
    return [
        {"attribute": m.attribute, "model": m.kind}
        | {name: value for name, value in asdict(c).items() if name != "freedom"}
        | {"degrees_of_freedom": c.freedom if math.isfinite(c.freedom) else math.nan}
        for m in analysis.models
        for c in m.contrasts
    ]


def _effects(analysis: Analysis) -> list[dict[str, Any]]:
    return [
        {"attribute": m.attribute, "model": m.kind, "effect": name, "sd": sd}
        for m in analysis.models
        for name, sd in m.components
    ]


def _checks(analysis: Analysis) -> list[dict[str, Any]]:
    found = []
    for m in analysis.models:
        if m.why_not:
            found.append(
                {
                    "attribute": m.attribute,
                    "model": m.kind,
                    "assumption": "fitted",
                    "found": m.why_not,
                    "holds": False,
                }
            )
        found += [{"attribute": m.attribute, "model": m.kind} | asdict(check) for check in m.checks]
    return found


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


def outliers(analysis: Analysis) -> list[dict[str, Any]]:
    """Return ratings on a continuous scale that lie apart from the others of their song and condition, to be looked into.

    They are used: BS.1534-3, 4.1.2 lets a rating be removed only where its reason is shown to be an error.

    Parameters
    ----------
    analysis : Analysis
        The whole.
    """
    if analysis.table.scale.steps or analysis.table.design != "within":
        return []
    cells: dict[tuple[str, str, str], list[Any]] = {}
    for row in analysis.table.rows():
        cells.setdefault((row.song, row.condition, row.attribute), []).append(row)
    found = []
    for rows in cells.values():
        if len(rows) < _FEWEST_FOR_QUARTILES:
            continue
        low, high = _hinges([row.value for row in rows])
        reach = _FENCE * (high - low)
        found += [
            {
                name: getattr(row, name)
                for name in ("listener", "song", "condition", "attribute", "value", "repeat")
            }
            | {"lower_fence": low - reach, "upper_fence": high + reach}
            for row in rows
            if not low - reach <= row.value <= high + reach
        ]
    return found


def _hinges(values: list[float]) -> tuple[float, float]:
    """Return the quartiles as BS.1534-3, 4.1.2 has them: medians of the halves, the middle one in both."""
    ordered = sorted(values)
    half = (len(ordered) + 1) // 2
    return float(np.median(ordered[:half])), float(np.median(ordered[-half:]))


def exclusions(analysis: Analysis | ChoiceAnalysis) -> list[dict[str, Any]]:
    """Return everything that was not used: files, parts of files, listeners, each with the reason.

    Parameters
    ----------
    analysis : Analysis or ChoiceAnalysis
        The whole.
    """
    files = [{"what": "file", "name": x.file, "reason": x.reason} for x in analysis.reading.left_out]
    return files + [
        {"what": "listener", "name": x.listener, "reason": f"{x.rule}: {x.found}"} for x in analysis.rejected
    ]


def comments(analysis: Analysis | ChoiceAnalysis) -> list[dict[str, Any]]:
    """Return what listeners wrote, by song and by what it is about, those of listeners left out too.

    Parameters
    ----------
    analysis : Analysis or ChoiceAnalysis
        The whole.
    """
    out = {gone.listener for gone in analysis.rejected}
    return [
        {
            **{
                "song": c.song,
                "conditions": "; ".join(c.conditions),
                "listener": c.listener,
                "group": c.group,
            },
            **{"comment": c.text, "heard_as": c.heard_as, "page": c.page, "repeat": c.repeat},
            "used": c.listener not in out,
        }
        for c in analysis.reading.comments
    ]
