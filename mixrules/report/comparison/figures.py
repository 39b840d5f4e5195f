"""The figures of a comparison: distances by system with intervals, a line for every song, a figure for every measure."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import Any

from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.measures.registry import MEASURES
from mixrules.evaluation.summary import Summary, shown_measures
from mixrules.report import figure_style as style

_WIDTH = 4.2
"""Inches: as wide as a telephone shows without making the text smaller."""


def distance_figures(comparison: Comparison, summary: Summary) -> dict[str, str]:
    """Draw the mean distance of every system with its interval, and a faint line for every song.

    Parameters
    ----------
    comparison : Comparison
        What was measured.
    summary : Summary
        What it says over songs.

    Returns
    -------
    dict of str to str
        An SVG document for each measure; none where matplotlib is not installed or nothing is defined.
    """
    names = shown_measures(summary)
    if find_spec("matplotlib") is None:
        return {}
    drawn = {}
    with style.figure_style():
        for name in names:
            height = 0.8 + 0.3 * len(comparison.systems)
            figure, (axis,) = style.panels(1, 1, width=_WIDTH, height=height)
            draw_distances(axis, comparison, summary, name)
            drawn[name] = style.svg_of(figure, text=True)
    return drawn


def draw_distances(axis: Any, comparison: Comparison, summary: Summary, measure: str) -> None:
    """Draw one measure: dots for means, bars for intervals, lines for songs.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where to.
    comparison : Comparison
        What was measured.
    summary : Summary
        What it says over songs.
    measure : str
        Which measure.
    """
    systems = list(comparison.systems)
    by_system = [comparison.values(system, measure) for system in systems]
    for song in range(len(comparison.songs)):
        axis.plot(
            [values[song] for values in by_system],
            range(len(systems)),
            color=style.FAINT,
            linewidth=0.8,
            zorder=1,
        )
    for place, system in enumerate(systems):
        interval = summary.row(system, measure).interval
        if math.isfinite(interval.low):
            axis.plot([interval.low, interval.high], [place] * 2, color=style.BLUE, linewidth=3, zorder=2)
        # What does not compete, the reference first of all, is a ring.
        full = comparison.competes(system)
        axis.plot(
            [interval.mean],
            [place],
            "o",
            color=style.INK,
            markerfacecolor=style.INK if full else "none",
            markersize=5,
            zorder=3,
        )
    axis.set_yticks(range(len(systems)), [style.name_label(s, 24) for s in systems], fontsize=style.SMALL)
    axis.invert_yaxis()
    axis.set_xlabel(MEASURES[measure].unit, fontsize=style.SMALL)
    axis.tick_params(axis="x", labelsize=style.SMALL)
    style.value_grid(axis, "x")
