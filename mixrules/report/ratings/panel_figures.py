"""A figure of panels: whole for files, and panel by panel for a page, which lays them side by side or stacks them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mixrules.errors import in_one_line
from mixrules.report import figure_style as style
from mixrules.report.ratings.axes import Legend, names_height

_COLUMNS = 2
_PANEL_WIDTH = 4.4
"""Inches, of a panel on a page: as wide as a telephone shows without making the text smaller."""
_LEGEND_ROW = 0.2
_LEGEND_LETTERS = 44
"""Letters of a legend in a panel's width."""

Draw = Callable[[Any, str], Legend]
"""Draws one panel, of what is named by the key, onto an axis."""


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


def panel_figure(
    draw: Draw,
    panels: Sequence[tuple[str, str]],
    *,
    name: str,
    group: str,
    caption: str,
    size: tuple[float, float],
    upright: Sequence[str] = (),
    legend_columns: int = 5,
) -> Figure:
    """Return a figure, drawn.

    Parameters
    ----------
    draw : callable
        Draws a panel.
    panels : sequence of (str, str)
        The key and the heading of each.
    name, group, caption : str
        As `Figure` has them.
    size : tuple of float
        Of a panel of the whole figure, inches.
    upright : sequence of str
        Names below a panel's columns, which may have to be turned on a page.
    legend_columns : int
        Most entries of the legend side by side.
    """
    whole, axes = style.panels(len(panels), _COLUMNS, width=size[0], height=size[1], margin=0.4)
    handles: list[Any] = []
    labels: list[str] = []
    for axis, (key, heading) in zip(axes, panels, strict=True):
        axis.set_title(style.name_label(heading))
        handles, labels = draw(axis, key)
    if handles:
        style.legend_above(whole, handles, labels, max(1, min(len(labels), legend_columns)))
    # Laid out once: drawing does it again each time, and it takes longer than all else.
    whole.get_layout_engine().execute(whole)
    whole.set_layout_engine("none")
    columns = _legend_columns(labels) if handles else 1
    height = size[1] + _LEGEND_ROW * math.ceil(len(handles) / columns)
    if upright:
        height += names_height(upright, _PANEL_WIDTH)
    parts = []
    for key, heading in panels:
        figure, (axis,) = style.panels(1, 1, width=_PANEL_WIDTH, height=height)
        axis.set_title(style.name_label(heading, 24))
        handles, labels = draw(axis, key)
        if handles:
            style.legend_above(figure, handles, labels, columns)
        parts.append((in_one_line(heading), style.svg_of(figure, text=True)))
    return Figure(name, group, caption, style.svg_of(whole), style.png_of(whole), tuple(parts))


def _legend_columns(labels: Sequence[str]) -> int:
    """Return how many entries of a legend fit side by side into a panel."""
    longest = max(map(len, labels)) + 4
    return min(len(labels), max(1, _LEGEND_LETTERS // longest))


def file_names(groups: Sequence[str]) -> list[str]:
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
