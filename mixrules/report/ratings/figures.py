"""The figures of ratings: stacked Likert bars about the middle, violins with box and mean, groups side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.ratings.analysis import Analysis
from mixrules.ratings.pairing import cube_of
from mixrules.ratings.table import ALL
from mixrules.report import figure_style as style

_COLUMNS = 2
_UPRIGHT_HEIGHT = 3.1
_LEAST_WRITTEN = 9
"""Percent; narrower parts of a bar have no room for their number."""
_VIOLIN, _VIOLIN_EDGE = "#9ecae1", "#4a7fa5"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: a name for its files, whose ratings it shows, what it shows in words, and its two forms."""

    name: str
    group: str
    caption: str
    svg: str
    png: bytes


def ratings_figures(analysis: Analysis) -> list[Figure]:
    """Draw all figures of an analysis.

    Parameters
    ----------
    analysis : Analysis
        The whole.

    Returns
    -------
    list of Figure
        Likert bars and violins for each group, then the groups side by side where there are some.
    """
    groups = analysis.table.groups()
    drawn = []
    with style.figure_style():
        for group, file_name in zip(groups, _file_names(groups), strict=True):
            whose = "" if group == ALL else f", {group}"
            drawn.append(
                _finished(
                    _likert(analysis, group),
                    f"likert_{file_name}",
                    group,
                    f"Shares of the ratings{whose}, about the middle of the scale; n beside each bar.",
                )
            )
            drawn.append(
                _finished(
                    _violins(analysis, group),
                    f"violin_{file_name}",
                    group,
                    f"Distribution of {_unit(analysis)}{whose}: violin, box with median and quartiles (whiskers to 1.5 "
                    "times their distance), mean as a diamond.",
                )
            )
        if len(groups) > 1:
            drawn.append(
                _finished(
                    _groups(analysis),
                    "groups",
                    ALL,
                    f"Means by group with {analysis.settings.confidence:.0%} bootstrap confidence intervals.",
                )
            )
    return drawn


def _likert(analysis: Analysis, group: str) -> Any:
    labels = analysis.table.scale.labels
    colours = style.diverging(len(labels))
    reach = _reach(analysis, group)
    conditions = len(analysis.table.names("condition"))
    attributes, figure, axes = _panels(analysis, group, width=4.9, height=1.15 + 0.42 * conditions)
    for axis, attribute in zip(axes, attributes, strict=True):
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
                        fontsize=style.TINY,
                        color=style.ink_on(colour),
                    )
                left += share
        axis.axvline(0, color="#444444", linewidth=0.8, zorder=0)
        axis.set(xlim=(-reach - 3, reach + 3), title=style.name_label(analysis.label(attribute)))
        axis.set_yticks(
            range(len(descriptions)),
            [f"{style.name_label(d.condition)} (n = {d.ratings})" for d in descriptions],
        )
        axis.invert_yaxis()
        axis.tick_params(axis="y", length=0)
        ticks = range(-reach, reach + 1, 25)
        axis.set_xticks(ticks, [str(abs(tick)) for tick in ticks])
        axis.set_xlabel("% of ratings", fontsize=style.SMALL)
    style.legend_above(
        figure,
        [style.patch(colour) for colour in colours],
        [style.name_label(label) for label in labels],
        len(labels),
    )
    return figure


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


def _violins(analysis: Analysis, group: str) -> Any:
    attributes, figure, axes = _panels(
        analysis, group, width=_upright_width(analysis), height=_UPRIGHT_HEIGHT
    )
    for axis, attribute in zip(axes, attributes, strict=True):
        names, samples = _samples(analysis, group, attribute)
        columns = list(range(len(names)))
        for column, sample in zip(columns, samples, strict=True):
            if sample.size > 2 and np.ptp(sample) > 0:
                violin = axis.violinplot(
                    [sample], [column], widths=0.85, showextrema=False, bw_method=max(0.25, sample.size**-0.2)
                )
                for body in violin["bodies"]:
                    body.set(facecolor=_VIOLIN, edgecolor=_VIOLIN_EDGE, alpha=0.75, linewidth=0.7)
        axis.boxplot(
            samples,
            positions=columns,
            widths=0.2,
            patch_artist=True,
            boxprops={"facecolor": "white", "edgecolor": style.INK, "linewidth": 0.9},
            medianprops={"color": style.INK, "linewidth": 1.8},
            flierprops={
                "marker": ".",
                "markersize": 3,
                "markerfacecolor": style.INK,
                "markeredgecolor": "none",
            },
            manage_ticks=False,
        )
        axis.plot(
            columns,
            [sample.mean() for sample in samples],
            "D",
            color=style.VERMILION,
            markersize=5,
            markeredgecolor="white",
            zorder=5,
        )
        _scale_axis(axis, analysis)
        _condition_axis(axis, names)
        axis.set_title(style.name_label(analysis.label(attribute)))
    return figure


def _groups(analysis: Analysis) -> Any:
    attributes, figure, axes = _panels(analysis, ALL, width=_upright_width(analysis), height=_UPRIGHT_HEIGHT)
    groups = [g for g in analysis.table.groups() if g != ALL]
    conditions = analysis.table.names("condition")
    low, span = analysis.table.scale.low, analysis.table.scale.span
    handles: list[Any] = []
    for axis, attribute in zip(axes, attributes, strict=True):
        handles = []
        for number, group in enumerate(groups):
            by_condition = {d.condition: d for d in analysis.of(group, attribute)}
            shift = (number - (len(groups) - 1) / 2) * min(0.22, 0.7 / len(groups))
            columns = [i + shift for i, c in enumerate(conditions) if c in by_condition]
            descriptions = [by_condition[c] for c in conditions if c in by_condition]
            means = np.array([d.mean for d in descriptions])
            bounds = np.array([(d.ci_low, d.ci_high) for d in descriptions]).T * span + low
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
        _scale_axis(axis, analysis)
        _condition_axis(axis, list(conditions))
        axis.set_title(style.name_label(analysis.label(attribute)))
    style.legend_above(figure, handles, [style.name_label(g) for g in groups], min(len(groups), 5))
    return figure


def _panels(
    analysis: Analysis, group: str, *, width: float, height: float
) -> tuple[list[str], Any, list[Any]]:
    """Return the attributes that a group rated, a figure, and a panel for each of them."""
    attributes = [a for a in analysis.table.names("attribute") if analysis.of(group, a)]
    figure, axes = style.panels(len(attributes), _COLUMNS, width=width, height=height, margin=0.4)
    return attributes, figure, axes


def _upright_width(analysis: Analysis) -> float:
    """Return the width of a panel with a column for each condition, inches."""
    return max(4.6, 0.8 * len(analysis.table.names("condition")) + 1)


def _scale_axis(axis: Any, analysis: Analysis) -> None:
    """Write the words of the scale along an axis."""
    scale = analysis.table.scale
    pad = 0.04 * scale.span
    axis.set_ylim(scale.low - pad, scale.high + pad)
    if scale.steps:
        ticks = np.linspace(scale.low, scale.high, len(scale.labels))
        axis.set_yticks(
            ticks,
            [f"{style.name_label(label)} {tick:g}" for label, tick in zip(scale.labels, ticks, strict=True)],
        )
    style.value_grid(axis, "y")


def _condition_axis(axis: Any, names: list[str]) -> None:
    """Write the conditions below an axis, aslant where they are long."""
    names = [style.name_label(name) for name in names]
    long = max(map(len, names)) * len(names) > 42
    axis.set_xlim(-0.6, len(names) - 0.4)
    axis.set_xticks(range(len(names)), names, rotation=25 if long else 0, ha="right" if long else "center")


def _samples(analysis: Analysis, group: str, attribute: str) -> tuple[list[str], list[Any]]:
    """Return the conditions that a group rated, and the values of each in points of the scale."""
    own, scale = analysis.table.of_group(group), analysis.table.scale
    conditions = analysis.table.names("condition")
    if own.design == "within":
        means = cube_of(own, attribute, conditions).means() * scale.span + scale.low
        samples = [column[~np.isnan(column)] for column in means.T]
    else:
        rows = [r for r in own.rows() if r.attribute == attribute]
        samples = [np.array([r.value for r in rows if r.condition == c]) for c in conditions]
    rated = [(c, s) for c, s in zip(conditions, samples, strict=True) if s.size]
    return [c for c, _ in rated], [s for _, s in rated]


def _unit(analysis: Analysis) -> str:
    return "listeners' means" if analysis.table.design == "within" else "ratings"


def _finished(figure: Any, name: str, group: str, caption: str) -> Figure:
    return Figure(name, group, caption, style.svg_of(figure), style.png_of(figure))


def _file_names(groups: tuple[str, ...]) -> list[str]:
    """Return a name for each group's files, all different: its ASCII letters and digits, a number where need be."""
    names: list[str] = []
    for group in groups:
        plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in group.lower()).strip(
            "-"
        )
        name = plain or "group"
        number = 1
        while name in names:
            number += 1
            name = f"{plain or 'group'}-{number}"
        names.append(name)
    return names
