"""Who is on which side: for each pair a bar of those for the one, of those for neither, and of those for the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mixrules.report import figure_style as style
from mixrules.report.ratings.axes import Legend

_COLOURS = ("#8a5a00", "#dddddd", "#0072b2")
_NARROW = 0.07
"""Share of a bar that has no room for its number."""
_NAME_LETTERS = 18


def sides_height(pairs: int) -> float:
    """Return the height of a panel of so many pairs, inches."""
    return 0.75 + 0.62 * pairs


def draw_sides(
    axis: Any, pairs: Sequence[tuple[str, str, int, int, int]], words: tuple[str, str, str]
) -> Legend:
    """Draw a bar for each pair, all of one length; return what a legend needs.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where to.
    pairs : sequence of (str, str, int, int, int)
        The two names, and how many are for the first, for neither, and for the second.
    words : tuple of str
        What the three parts are called.
    """
    for row, (first, second, *counts) in enumerate(pairs):
        total = max(1, sum(counts))
        left = 0.0
        for count, colour in zip(counts, _COLOURS, strict=True):
            axis.barh(
                row, count / total, left=left, color=colour, edgecolor="white", linewidth=0.6, height=0.42
            )
            if count / total >= _NARROW:
                axis.text(
                    left + count / total / 2,
                    row,
                    str(count),
                    ha="center",
                    va="center",
                    fontsize=style.SMALL,
                    color=style.ink_on(colour),
                )
            left += count / total
        for place, side, name in ((0.0, "left", first), (1.0, "right", second)):
            axis.text(
                place,
                row - 0.27,
                style.name_label(name, _NAME_LETTERS),
                ha=side,
                va="bottom",
                fontsize=style.SMALL,
            )
    axis.axvline(0.5, color=style.INK, linewidth=0.8, linestyle=":", zorder=4)
    axis.set(xlim=(0.0, 1.0), ylim=(len(pairs) - 0.6, -0.75))
    axis.set_yticks([])
    axis.set_xticks([])
    for side in ("left", "bottom", "right", "top"):
        axis.spines[side].set_visible(False)
    return [style.patch(colour) for colour in _COLOURS], list(words)
