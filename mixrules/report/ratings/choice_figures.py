"""The figures of choices: who is on which side and how strong each is in A/B tests, right answers in ABX tests."""

from __future__ import annotations

import math
from collections import Counter
from functools import partial
from typing import Any

import numpy as np

from mixrules.ratings.choices.analysis import ChoiceAnalysis
from mixrules.ratings.group_names import ALL
from mixrules.report import figure_style as style
from mixrules.report.ratings.agreement import draw_sides, sides_height
from mixrules.report.ratings.axes import Legend, condition_axis
from mixrules.report.ratings.panel_figures import Figure, file_names, panel_figure

_SMALLEST_DOT, _LARGEST_DOT = 3.0, 11.0


def choice_figures(analysis: ChoiceAnalysis) -> list[Figure]:
    """Draw all figures of an analysis.

    Parameters
    ----------
    analysis : ChoiceAnalysis
        The whole.

    Returns
    -------
    list of Figure
        By group: sides and strengths of an A/B test, right answers of an ABX test.
    """
    groups = analysis.table.groups()
    drawn: list[Figure] = []
    with style.figure_style():
        for group, file_name in zip(groups, file_names(groups), strict=True):
            whose = "" if group == ALL else f", {group}"
            if analysis.table.kind == "ab":
                drawn += _preferences(analysis, group, file_name, whose)
            else:
                drawn.append(_right_answers(analysis, group, file_name, whose))
    return drawn


def _preferences(analysis: ChoiceAnalysis, group: str, file_name: str, whose: str) -> list[Figure]:
    attributes = [
        (name, analysis.label(name))
        for name in analysis.table.names("attribute")
        if any((c.group, c.attribute) == (group, name) for c in analysis.preferences)
    ]
    pairs = max(
        sum((c.group, c.attribute) == (group, name) for c in analysis.preferences) for name, _ in attributes
    )
    drawn = [
        panel_figure(
            partial(_sides, analysis, group),
            attributes,
            name=f"preferences_{file_name}",
            group=group,
            caption=f"Listeners by which of the two they chose more often{whose}.",
            size=(4.9, sides_height(pairs)),
        )
    ]
    with_strengths = [
        (name, label)
        for name, label in attributes
        if any((s.group, s.attribute) == (group, name) for s in analysis.strengths)
    ]
    if with_strengths:
        conditions = analysis.table.conditions
        drawn.append(
            panel_figure(
                partial(_strengths, analysis, group),
                with_strengths,
                name=f"strengths_{file_name}",
                group=group,
                caption=f"Strength by the Bradley-Terry model{whose}, with {analysis.settings.confidence:.0%} intervals "
                "over listeners; 0 is mean strength.",
                size=(max(4.6, 0.8 * len(conditions) + 1), 3.1),
                upright=conditions,
            )
        )
    return drawn


def _sides(analysis: ChoiceAnalysis, group: str, axis: Any, attribute: str) -> Legend:
    pairs = [
        (c.first, c.second, c.for_first, c.even, c.for_second)
        for c in analysis.preferences
        if (c.group, c.attribute) == (group, attribute)
    ]
    return draw_sides(axis, pairs, ("for the left", "undecided", "for the right"))


def _strengths(analysis: ChoiceAnalysis, group: str, axis: Any, attribute: str) -> Legend:
    found = [s for s in analysis.strengths if (s.group, s.attribute) == (group, attribute)]
    means = np.array([s.log_strength for s in found])
    bounds = np.array([(s.ci_low, s.ci_high) for s in found]).T
    axis.axhline(0.0, color=style.INK, linewidth=0.8, linestyle=":")
    axis.errorbar(
        range(len(found)),
        means,
        yerr=np.abs(bounds - means),
        fmt="D",
        color=style.BLUE,
        markersize=5.5,
        capsize=3,
    )
    axis.set_ylabel("strength (log odds)", fontsize=style.SMALL)
    style.value_grid(axis, "y")
    condition_axis(axis, [s.condition for s in found])
    return [], []


def _right_answers(analysis: ChoiceAnalysis, group: str, file_name: str, whose: str) -> Figure:
    names = _pair_names(analysis, group)
    return panel_figure(
        partial(_shares, analysis, group),
        [("", "Right answers")],
        name=f"right_answers_{file_name}",
        group=group,
        caption=f"Right answers{whose}: each listener a dot, larger where several lie there; mean over listeners as a "
        f"diamond with its {analysis.settings.confidence:.0%} interval; guessing gives 50 %.",
        size=(max(4.6, 1.1 * len(names) + 1), 3.4),
        upright=names,
    )


def _pair_names(analysis: ChoiceAnalysis, group: str) -> list[str]:
    return [f"{d.first} / {d.second}" for d in analysis.discriminations if d.group == group]


def _shares(analysis: ChoiceAnalysis, group: str, axis: Any, _key: str) -> Legend:
    members = set(analysis.table.of_group(group).names("listener"))
    axis.axhline(50.0, color=style.INK, linewidth=0.8, linestyle=":")
    found = [d for d in analysis.discriminations if d.group == group]
    for column, d in enumerate(found):
        shares = Counter(
            round(100.0 * one.share, 6)
            for one in analysis.listeners
            if one.listener in members and (one.first, one.second) == (d.first, d.second)
        )
        for share, count in shares.items():
            size = min(_LARGEST_DOT, _SMALLEST_DOT * math.sqrt(count))
            axis.plot([column - 0.12], [share], "o", color=style.BLUE, alpha=0.7, markersize=size, zorder=3)
        low, high = (
            (0.0, 0.0)
            if math.isnan(d.ci_low)
            else (100.0 * (d.share - d.ci_low), 100.0 * (d.ci_high - d.share))
        )
        axis.errorbar(
            [column + 0.12],
            [100.0 * d.share],
            yerr=[[max(0.0, low)], [max(0.0, high)]],
            fmt="D",
            color=style.VERMILION,
            markeredgecolor=style.INK,
            markersize=5.5,
            capsize=3,
            zorder=5,
        )
    axis.set_ylim(-4, 104)
    axis.set_ylabel("% right", fontsize=style.SMALL)
    style.value_grid(axis, "y")
    condition_axis(axis, [f"{d.first} / {d.second}" for d in found])
    return [], []
