"""Pieces of the figures: where axes stand, how the scale and the conditions are written, colours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mixrules.ratings.analysis import Analysis


def grid(analysis: Analysis, group: str, *, row_height: float, height: float = 1.15) -> tuple[list[Any], Any]:
    """Return one axis an attribute, two in a row, and their figure."""
    from matplotlib.figure import Figure as Canvas

    attributes = [a for a in analysis.table.names("attribute") if analysis.of(group, a)]
    columns = min(2, len(attributes))
    rows = math.ceil(len(attributes) / columns)
    conditions = len(analysis.table.names("condition"))
    width = max(4.6, 0.8 * conditions + 1) if not row_height else 4.9
    figure = Canvas(
        figsize=(width * columns, (height + row_height * conditions) * rows + 0.4), layout="constrained"
    )
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in places[len(attributes) :]:
        axis.set_axis_off()
    return list(zip(places, attributes, strict=False)), figure


def scale_axis(axis: Any, analysis: Analysis) -> None:
    """Write the words of the scale along an axis."""
    scale = analysis.table.scale
    pad = 0.04 * scale.span
    axis.set_ylim(scale.low - pad, scale.high + pad)
    if scale.steps:
        ticks = np.linspace(scale.low, scale.high, len(scale.labels))
        axis.set_yticks(ticks, [f"{label} {tick:g}" for label, tick in zip(scale.labels, ticks, strict=True)])
    axis.grid(axis="y", color="#dddddd", linewidth=0.6)
    axis.set_axisbelow(True)


def condition_axis(axis: Any, names: list[str]) -> None:
    """Write the conditions below an axis, aslant where they are long."""
    long = max(map(len, names)) * len(names) > 42
    axis.set_xlim(-0.6, len(names) - 0.4)
    axis.set_xticks(range(len(names)), names, rotation=25 if long else 0, ha="right" if long else "center")


def diverging(words: int) -> list[str]:
    """Return a colour for each word of a scale, from brown (worst) to green (best)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["BrBG"](0.12 + 0.76 * i / (words - 1))) for i in range(words)]


def ink(colour: str) -> str:
    """Return black or white, whichever can be read on a colour (luma after BT.601)."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return "#111111" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def patch(colour: str) -> Any:
    """Return a square of a colour for a legend."""
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor="#888888", linewidth=0.4)
