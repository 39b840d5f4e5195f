"""Figures of a comparison, as SVG: distances by system with intervals, a line for every song."""

from __future__ import annotations

import io
import math

from mixrules.evaluation.measures.registry import MEASURES
from mixrules.evaluation.results import Comparison
from mixrules.evaluation.summary import HEADLINES, Summary

_COLUMNS = 3


def shown_measures(found: Comparison, summary: Summary) -> list[str]:
    """Return the headline measures that are defined for some system."""
    defined = {row.measure for row in summary.rows if math.isfinite(row.interval.mean)}
    return [name for name in HEADLINES if name in defined]


def distances_figure(found: Comparison, summary: Summary) -> str | None:
    """Draw the mean distance of every system with its interval, and a faint line for every song.

    Parameters
    ----------
    found : Comparison
        What was measured.
    summary : Summary
        What it says over songs.

    Returns
    -------
    str or None
        An SVG document; None where matplotlib is not installed or nothing is defined.
    """
    try:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        return None
    names = shown_measures(found, summary)
    if not names:
        return None
    rows = math.ceil(len(names) / _COLUMNS)
    tall = 1.0 + 0.28 * len(found.systems)
    figure = Figure(figsize=(11, rows * tall), layout="constrained")
    FigureCanvasSVG(figure)
    systems = list(found.systems)
    places = range(len(systems))
    for number, name in enumerate(names):
        axes = figure.add_subplot(rows, _COLUMNS, number + 1)
        by_system = [found.values(system, name) for system in systems]
        for song in range(len(found.songs)):
            axes.plot([v[song] for v in by_system], places, color="#bbbbbb", linewidth=0.8, zorder=1)
        for place, system in enumerate(systems):
            interval = summary.row(system, name).interval
            if math.isfinite(interval.low):
                axes.plot(
                    [interval.low, interval.high], [place, place], color="#1f5f8b", linewidth=3, zorder=2
                )
            axes.plot([interval.mean], [place], "o", color="#0b2f4a", markersize=5, zorder=3)
        axes.set_yticks(list(places), systems if number % _COLUMNS == 0 else [""] * len(systems), fontsize=8)
        axes.invert_yaxis()
        unit = MEASURES[name].unit
        axes.set_title(f"{name}{f' ({unit})' if unit else ''}", fontsize=9)
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(axis="x", color="#eeeeee")
        axes.spines[["top", "right"]].set_visible(False)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]
