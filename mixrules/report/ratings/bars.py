"""Shares of ratings as bars about the middle of the scale, and the means of groups side by side."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.group_names import ALL
from mixrules.report import figure_style as style
from mixrules.report.ratings.axes import Legend, condition_axis, scale_axis

_LEAST_WRITTEN = 9
"""Percent; narrower parts of a bar have no room for their number."""


def draw_likert(axis: Any, analysis: Analysis, group: str, attribute: str) -> Legend:
    """Draw the shares of one attribute's ratings as bars about the middle of the scale; return what a legend needs.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where to.
    analysis : Analysis
        The whole.
    group, attribute : str
        Which ratings.
    """
    labels = analysis.table.scale.labels
    colours = style.diverging(len(labels))
    reach = _reach(analysis, group)
    descriptions = analysis.of(group, attribute)
    for row, described in enumerate(descriptions):
        shares = np.array(described.counts) / sum(described.counts) * 100
        left = -_left_of_middle(shares)
        for share, colour in zip(shares, colours, strict=True):
            axis.barh(row, share, left=left, color=colour, edgecolor="white", linewidth=0.6, height=0.74)
            if share >= _LEAST_WRITTEN:
                axis.text(
                    left + share / 2,
                    row,
                    f"{share:.0f}",
                    ha="center",
                    va="center",
                    fontsize=style.SMALL,
                    color=style.ink_on(colour),
                )
            left += share
    axis.axvline(0, color=style.INK, linewidth=0.8, zorder=0)
    axis.set(xlim=(-reach - 3, reach + 3))
    axis.set_yticks(
        range(len(descriptions)),
        [f"{style.name_label(d.condition, 24)}\n(n = {d.ratings})" for d in descriptions],
        fontsize=style.SMALL,
    )
    axis.invert_yaxis()
    axis.tick_params(axis="y", length=0)
    ticks = range(-reach, reach + 1, 25)
    axis.set_xticks(ticks, [str(abs(tick)) for tick in ticks], fontsize=style.SMALL)
    axis.set_xlabel("% of ratings", fontsize=style.SMALL)
    return [style.patch(colour) for colour in colours], [style.name_label(label) for label in labels]


def _left_of_middle(shares: Any) -> float:
    """Return how much of a bar lies left of the middle of the scale: all worse words, half of the middle one."""
    half = len(shares) // 2
    return float(shares[:half].sum() + (shares[half] / 2 if len(shares) % 2 else 0.0))


def _reach(analysis: Analysis, group: str) -> int:
    """Return how far the bars go to either side, in quarters of a hundred."""
    ends = [50.0]
    for d in analysis.descriptions:
        if d.group == group:
            left = _left_of_middle(np.array(d.counts) / sum(d.counts) * 100)
            ends += [left, 100 - left]
    return 25 * math.ceil(max(ends) / 25)


def draw_groups(axis: Any, analysis: Analysis, _group: str, attribute: str) -> Legend:
    """Draw one attribute's means with intervals, the groups of listeners side by side; parameters as `draw_likert`."""
    groups = [g for g in analysis.table.groups() if g != ALL]
    conditions = analysis.table.names("condition")
    low, span = analysis.table.scale.low, analysis.table.scale.span
    handles: list[Any] = []
    for number, group in enumerate(groups):
        by_condition = {d.condition: d for d in analysis.of(group, attribute)}
        shift = (number - (len(groups) - 1) / 2) * min(0.22, 0.7 / len(groups))
        columns = [i + shift for i, c in enumerate(conditions) if c in by_condition]
        descriptions = [by_condition[c] for c in conditions if c in by_condition]
        means = np.array([d.mean for d in descriptions])
        bounds = np.array([(d.ci_low, d.ci_high) for d in descriptions]).reshape(-1, 2).T * span + low
        handles.append(
            axis.errorbar(
                columns,
                means,
                yerr=np.nan_to_num(np.abs(bounds - means)),
                fmt=style.MARKERS[number % len(style.MARKERS)],
                color=style.GROUP_COLOURS[number % len(style.GROUP_COLOURS)],
                markersize=5,
                capsize=2.5,
                linewidth=1.2,
            )
        )
    scale_axis(axis, analysis)
    condition_axis(axis, list(conditions))
    return handles, [style.name_label(g) for g in groups]
