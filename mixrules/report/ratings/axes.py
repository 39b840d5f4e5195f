"""What the panels of ratings share: the words of the scale, the conditions below, and a legend's room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mixrules.ratings.analysis import Analysis
from mixrules.report import figure_style as style

_LETTER = 0.075
"""Inches, the width of a letter."""
_NAME_LETTERS = 24
_SCALE_WIDTH = 1.1
"""Inches that the words of the scale take."""
_ASLANT, _LEAST_ASLANT = 25, 0.45
"""Degrees, and the narrowest column in inches whose name is written so."""

Legend = tuple[list[Any], list[str]]
"""Handles and labels of a legend; both empty where none is needed."""


def scale_axis(axis: Any, analysis: Analysis) -> None:
    """Write the words of the scale along an axis."""
    scale = analysis.table.scale
    pad = 0.04 * scale.span
    axis.set_ylim(scale.low - pad, scale.high + pad)
    if scale.steps:
        ticks = np.linspace(scale.low, scale.high, len(scale.labels))
        axis.set_yticks(
            ticks,
            [
                f"{style.name_label(label, 18)} {tick:g}"
                for label, tick in zip(scale.labels, ticks, strict=True)
            ],
            fontsize=style.SMALL,
        )
    style.value_grid(axis, "y")


def condition_axis(axis: Any, names: Sequence[str]) -> None:
    """Write the conditions below an axis, aslant or upright where they have no room side by side."""
    labels = [style.name_label(name, _NAME_LETTERS) for name in names]
    width = axis.get_figure().get_figwidth() / axis.get_subplotspec().get_gridspec().ncols
    degrees = names_turned(names, width)
    axis.set_xlim(-0.6, len(labels) - 0.4)
    axis.set_xticks(
        range(len(labels)),
        labels,
        rotation=degrees,
        ha="right" if degrees == _ASLANT else "center",
        fontsize=style.SMALL,
    )


def names_turned(names: Sequence[str], width: float) -> int:
    """Return by how many degrees names below a panel are turned so that none covers another.

    Parameters
    ----------
    names : sequence of str
        One for each column.
    width : float
        Of the panel, inches.
    """
    column = (width - _SCALE_WIDTH) / len(names)
    if _longest(names) * _LETTER <= column:
        return 0
    return _ASLANT if column >= _LEAST_ASLANT else 90


def names_height(names: Sequence[str], width: float) -> float:
    """Return how much higher a panel is for its names than for names that lie side by side, inches."""
    return _longest(names) * _LETTER * {0: 0.0, _ASLANT: 0.3, 90: 1.0}[names_turned(names, width)]


def _longest(names: Sequence[str]) -> int:
    return max(len(style.name_label(name, _NAME_LETTERS)) for name in names)
