"""The figures of ratings: Likert bars about the middle, distributions with means, groups side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mixrules.errors import in_one_line
from mixrules.ratings.analysis import Analysis
from mixrules.ratings.table import ALL
from mixrules.report import figure_style as style
from mixrules.report.ratings.axes import Legend, names_height
from mixrules.report.ratings.bars import draw_groups, draw_likert
from mixrules.report.ratings.distributions import distribution_kind, draw_distribution

_COLUMNS = 2
_UPRIGHT_HEIGHT = 3.1
_PANEL_WIDTH = 4.4
"""Inches, of a panel on a page: as wide as a telephone shows without making the text smaller."""
_LEGEND_ROW = 0.2
_LEGEND_LETTERS = 44
"""Letters of a legend in a panel's width."""

Draw = Callable[[Any, Analysis, str, str], Legend]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: a name for its files, whose ratings it shows, what it shows in words, and its forms.

    `svg` and `png` are the whole; `panels` its parts by heading, each an SVG, which a page lays side by side or stacks.
    """

    name: str
    group: str
    caption: str
    svg: str
    png: bytes
    panels: tuple[tuple[str, str], ...]


def ratings_figures(analysis: Analysis) -> list[Figure]:
    """Draw all figures of an analysis.

    Parameters
    ----------
    analysis : Analysis
        The whole.

    Returns
    -------
    list of Figure
        Likert bars and distributions for each group, then the groups side by side where there are some.
    """
    groups = analysis.table.groups()
    drawn = []
    conditions = len(analysis.table.names("condition"))
    bars_height = 1.15 + 0.42 * conditions
    upright_width = max(4.6, 0.8 * conditions + 1)
    with style.figure_style():
        for group, file_name in zip(groups, _file_names(groups), strict=True):
            whose = "" if group == ALL else f", {group}"
            drawn.append(
                _finished(
                    analysis,
                    draw_likert,
                    f"likert_{file_name}",
                    group,
                    f"Shares of the ratings{whose}, about the middle of the scale; n beside each bar.",
                    size=(4.9, bars_height),
                )
            )
            kind, caption = distribution_kind(analysis, group)
            drawn.append(
                _finished(
                    analysis,
                    draw_distribution,
                    f"{kind}_{file_name}",
                    group,
                    f"Distribution of {_unit(analysis)}{whose}: {caption}",
                    size=(upright_width, _UPRIGHT_HEIGHT),
                )
            )
        if len(groups) > 1:
            drawn.append(
                _finished(
                    analysis,
                    draw_groups,
                    "groups",
                    ALL,
                    f"Means by group with {analysis.settings.confidence:.0%} bootstrap confidence intervals.",
                    size=(upright_width, _UPRIGHT_HEIGHT),
                )
            )
    return drawn


def _unit(analysis: Analysis) -> str:
    return "listeners' means" if analysis.table.design == "within" else "ratings"


def _finished(
    analysis: Analysis, draw: Draw, name: str, group: str, caption: str, *, size: tuple[float, float]
) -> Figure:
    """Return a figure of a panel for each attribute that a group rated, whole and by panel; `size` in inches."""
    attributes = [a for a in analysis.table.names("attribute") if analysis.of(group, a)]
    whole, axes = style.panels(len(attributes), _COLUMNS, width=size[0], height=size[1], margin=0.4)
    handles: list[Any] = []
    labels: list[str] = []
    for axis, attribute in zip(axes, attributes, strict=True):
        axis.set_title(style.name_label(analysis.label(attribute)))
        handles, labels = draw(axis, analysis, group, attribute)
    if handles:
        style.legend_above(
            whole, handles, labels, max(1, len(labels) if draw is draw_likert else min(len(labels), 5))
        )
    # Laid out once: drawing does it again each time, and it takes longer than all else.
    whole.get_layout_engine().execute(whole)
    whole.set_layout_engine("none")
    panels = []
    columns = _legend_columns(labels) if handles else 1
    height = size[1] + _LEGEND_ROW * math.ceil(len(handles) / columns)
    if draw is not draw_likert:
        height += names_height(analysis.table.names("condition"), _PANEL_WIDTH)
    for attribute in attributes:
        figure, (axis,) = style.panels(1, 1, width=_PANEL_WIDTH, height=height)
        axis.set_title(style.name_label(analysis.label(attribute), 24))
        handles, labels = draw(axis, analysis, group, attribute)
        if handles:
            style.legend_above(figure, handles, labels, columns)
        panels.append((in_one_line(analysis.label(attribute)), style.svg_of(figure, text=True)))
    return Figure(name, group, caption, style.svg_of(whole), style.png_of(whole), tuple(panels))


def _legend_columns(labels: Sequence[str]) -> int:
    """Return how many entries of a legend fit side by side into a panel."""
    longest = max(map(len, labels)) + 4
    return min(len(labels), max(1, _LEGEND_LETTERS // longest))


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
