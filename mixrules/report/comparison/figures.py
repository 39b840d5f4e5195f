"""The figure of a comparison: distances by system with intervals, a line for every song."""

from __future__ import annotations

import math
from importlib.util import find_spec

from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.measures.registry import MEASURES
from mixrules.evaluation.summary import Summary, shown_measures
from mixrules.report import figure_style as style

_COLUMNS = 3
_WIDTH = 3.7


def distances_figure(comparison: Comparison, summary: Summary) -> str | None:
    """Draw the mean distance of every system with its interval, and a faint line for every song.

    Parameters
    ----------
    comparison : Comparison
        What was measured.
    summary : Summary
        What it says over songs.

    Returns
    -------
    str or None
        An SVG document; None where matplotlib is not installed or nothing is defined.
    """
    names = shown_measures(summary)
    if not names or find_spec("matplotlib") is None:
        return None
    systems = list(comparison.systems)
    with style.figure_style():
        figure, panels = style.panels(len(names), _COLUMNS, width=_WIDTH, height=1.0 + 0.28 * len(systems))
        for number, (axis, name) in enumerate(zip(panels, names, strict=True)):
            by_system = [comparison.values(system, name) for system in systems]
            for song in range(len(comparison.songs)):
                axis.plot(
                    [values[song] for values in by_system],
                    range(len(systems)),
                    color=style.FAINT,
                    linewidth=0.8,
                    zorder=1,
                )
            for place, system in enumerate(systems):
                interval = summary.row(system, name).interval
                if math.isfinite(interval.low):
                    axis.plot(
                        [interval.low, interval.high], [place] * 2, color=style.BLUE, linewidth=3, zorder=2
                    )
                axis.plot([interval.mean], [place], "o", color=style.INK, markersize=5, zorder=3)
            first = number % _COLUMNS == 0
            axis.set_yticks(
                range(len(systems)),
                [style.name_label(s) if first else "" for s in systems],
                fontsize=style.TINY,
            )
            axis.invert_yaxis()
            unit = MEASURES[name].unit
            axis.set_title(f"{name}{f' ({unit})' if unit else ''}", fontsize=style.SMALL)
            axis.tick_params(axis="x", labelsize=style.TINY)
            style.value_grid(axis, "x")
        return style.svg_of(figure)
