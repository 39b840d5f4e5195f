"""What the panels of ratings share: the words of the scale, the conditions below, and a legend's room."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixrules.ratings.analysis import Analysis
from mixrules.report import figure_style as style

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
            [f"{style.name_label(label)} {tick:g}" for label, tick in zip(scale.labels, ticks, strict=True)],
            fontsize=style.SMALL,
        )
    style.value_grid(axis, "y")


def condition_axis(axis: Any, names: list[str]) -> None:
    """Write the conditions below an axis, aslant where they are long."""
    names = [style.name_label(name, 24) for name in names]
    long = max(map(len, names)) * len(names) > 42
    axis.set_xlim(-0.6, len(names) - 0.4)
    axis.set_xticks(
        range(len(names)),
        names,
        rotation=25 if long else 0,
        ha="right" if long else "center",
        fontsize=style.SMALL,
    )
