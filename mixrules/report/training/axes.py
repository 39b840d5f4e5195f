"""What the figures of a training share: units, scales that one broken epoch does not set, and axes of epochs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.report import figure_style as style

Floats = npt.NDArray[np.float64]

NETWORK, TRUTH = style.BLUE, style.VERMILION
NETWORK_COLOURS = {"faithful": style.VERMILION, "corrected": style.BLUE}
"""Where the two are on one picture."""
CONSTANT_COLOURS = {"mean": "#8a5a00", "median": "#7a3d68"}
CONSTANT_LINES: dict[str, Any] = {"mean": (0, (6, 2)), "median": (0, (1.5, 1.5))}
SOFT = "#555555"
WIDTH, HEIGHT = 3.75, 2.5
"""Of a panel, inches."""

_FEW_EPOCHS = 40
"""Up to so many epochs are drawn as points too."""
_MOST_TIMES, _MOST_TIMES_ALONE = 1.6, 4.0
"""An error may be so many times what is usual before it is left to the edge; more where it is compared with nothing."""
_MOST_WIDTHS = 0.25
"""So far beyond the usual answers, as a share of their width, an answer may lie before it is."""


def with_unit(what: str, unit: str) -> str:
    """Return the label of an axis."""
    return f"{what} ({unit})" if unit else what


def error_limits(curves: Iterable[Floats], held_against: Iterable[float] = ()) -> tuple[float, float]:
    """Return the ends of an axis of errors, which begins at 0 unless all errors are much alike.

    Parameters
    ----------
    curves : iterable of ndarray
        Errors, epoch by epoch. What lies far above the usual is not within the ends.
    held_against : iterable of float
        What the curves are compared with; always within.
    """
    drawn = [curve[np.isfinite(curve)] for curve in curves]
    drawn = [curve for curve in drawn if curve.size]
    lines = [value for value in held_against if math.isfinite(value)]
    if not drawn and not lines:
        return 0.0, 1.0
    usual = max([*(float(np.quantile(curve, 0.75)) for curve in drawn), *lines])
    most = (_MOST_TIMES if lines else _MOST_TIMES_ALONE) * usual
    high = min(max([*(float(curve.max()) for curve in drawn), *lines]), most)
    low = min([*(float(curve.min()) for curve in drawn), *lines])
    if high <= low:
        return (0.0, high * 1.5) if high > 0.0 else (0.0, 1.0)
    if low >= 0.0 and low < 0.6 * high:
        return 0.0, high * 1.06
    margin = 0.08 * (high - low)
    return low - margin, high + margin


def value_limits(usual: Sequence[float], ends: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis of answers and truth.

    Parameters
    ----------
    usual : sequence of float
        What is always within: the truth, and the middle of the answers.
    ends : sequence of float
        What is within unless it lies far out.
    """
    low, high = min(usual), max(usual)
    width = _MOST_WIDTHS * (high - low)
    low = min([low, *(value for value in ends if value >= low - width)])
    high = max([high, *(value for value in ends if value <= high + width)])
    margin = 0.06 * (high - low) or max(1.0, abs(high)) * 0.1
    return low - margin, high + margin


def judged_first(judged_by: str) -> tuple[str, str]:
    """Return ``"song"`` and ``"snippet"``, the one first that a training is judged by."""
    return ("song", "snippet") if judged_by == "song" else ("snippet", "song")


def constant_line(axis: Any, name: str, value: float) -> Any:
    """Draw the line of a constant; return it for a legend."""
    return axis.axhline(
        value,
        color=CONSTANT_COLOURS.get(name, style.INK),
        linestyle=CONSTANT_LINES.get(name, "-"),
        linewidth=1.6,
        zorder=2,
    )


def epoch_axis(axis: Any, numbers: Sequence[int]) -> None:
    """Let an axis show whole epochs, from the first to the last."""
    from matplotlib.ticker import MaxNLocator

    first, last = min(numbers), max(numbers)
    margin = max(0.5, 0.02 * (last - first))
    axis.set_xlim(first - margin, last + margin)
    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    axis.set_xlabel("epoch", fontsize=style.SMALL)
    axis.tick_params(labelsize=style.TINY)
    style.value_grid(axis, "y")


def epoch_marks(epochs: int) -> dict[str, Any]:
    """Return how a curve is drawn: few epochs as points too, thousands as a thin line."""
    if epochs <= _FEW_EPOCHS:
        return {"marker": "o", "markersize": 3.0, "linewidth": 1.5}
    return {"linewidth": 1.4 if epochs <= 400 else 0.8}


def say_beyond(axis: Any, values: Floats) -> None:
    """Write into the corner how many epochs lie above the axis."""
    above = int(np.count_nonzero(values > axis.get_ylim()[1]))
    if above:
        small(axis, 0.99, 0.97, f"{above:,} epoch{'' if above == 1 else 's'} above ▴", align="right")


def small(axis: Any, x: float, y: float, text: str, align: str = "left", valign: str = "top") -> None:
    """Write a small text within a panel, at a share of its width and height."""
    axis.text(
        x,
        y,
        text,
        transform=axis.transAxes,
        fontsize=style.TINY,
        color=SOFT,
        ha=align,
        va=valign,
        zorder=6,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0},
    )


def panel_title(axis: Any, title: str) -> None:
    """Write the title of a panel."""
    axis.set_title(style.name_label(title, 44), fontsize=10, y=1.0)
