"""Answers beside the truth: how both are distributed, epoch by epoch, and each test song's answer against its truth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mixrules.learning.training.history import QUANTILES, Epoch, History, Spread, short_unit
from mixrules.report import figure_style as style
from mixrules.report.training import axes as axes_of
from mixrules.report.training.curves import epoch_name, marked_epoch

_COLUMNS = 3
_SIZES = {1: (7.5, 3.4), 2: (5.6, 3.0)}
"""Of a panel where there are so few in a row, inches."""
_LEFT, _RIGHT, _BELOW, _ABOVE, _LEGEND = 0.62, 0.12, 0.5, 0.5, 0.4
"""Around the axes of a panel, and above all of them, inches."""
_STRIP, _GAP = 0.75, 0.08
"""The axes beside, and before them, inches."""
_LOWEST, _LOWER, _MIDDLE, _UPPER, _HIGHEST = range(len(QUANTILES))


def spread_percent(answers: Spread, truth: Spread) -> float:
    """Return how widely answers are spread, in percent of the truth's standard deviation; NaN where that is 0."""
    return 100.0 * answers.std / truth.std if truth.std > 0.0 else math.nan


def median_spread_percent(epoch: Epoch, truth: tuple[Spread, ...]) -> float:
    """Return `spread_percent` in the median over the outputs; NaN where no output has any."""
    found = [spread_percent(*pair) for pair in zip(epoch.answers, truth, strict=True)]
    found = [value for value in found if not math.isnan(value)]
    return float(np.median(found)) if found else math.nan


def answers_over_epochs(history: History, kept: int | None = None) -> Any:
    """Draw quantile bands of the answers over the epochs, and beside them boxes of one epoch and of the truth.

    Parameters
    ----------
    history : History
        With at least one epoch.
    kept : int, optional
        The epoch whose network was kept; None for the best one.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each output.
    """
    count = len(history.outputs)
    marked = marked_epoch(history, kept)
    alike = len({short_unit(unit) for unit in history.units}) == 1
    figure, pairs = _placed_axes(count)
    handles: dict[str, Any] = {}
    for output, (over, beside) in enumerate(pairs):
        handles = _bands(over, history, marked, output)
        over.set_ylim(*_limits(history, marked, range(count) if alike else [output]))
        _say_outside(over, [epoch.answers[output] for epoch in history.epochs])
        _boxes(beside, marked, output, history.truth[output])
    style.legend_above(figure, list(handles.values()), list(handles), len(handles))
    return figure


def _placed_axes(count: int) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return a figure with wide axes and narrow ones beside them for each output, placed: to measure text takes long."""
    from matplotlib.figure import Figure

    columns = min(_COLUMNS, count)
    rows = math.ceil(count / columns)
    width, height = _SIZES.get(columns, (axes_of.WIDTH, axes_of.HEIGHT))
    size = (columns * width, rows * height + _LEGEND)
    figure = Figure(figsize=size)
    pairs = []
    for output in range(count):
        row, column = divmod(output, columns)
        left, bottom = column * width + _LEFT, (rows - 1 - row) * height + _BELOW
        inner, tall = width - _LEFT - _RIGHT - _STRIP - _GAP, height - _BELOW - _ABOVE
        over = figure.add_axes((left / size[0], bottom / size[1], inner / size[0], tall / size[1]))
        left += inner + _GAP
        beside = figure.add_axes(
            (left / size[0], bottom / size[1], _STRIP / size[0], tall / size[1]), sharey=over
        )
        pairs.append((over, beside))
    figure.set_layout_engine("none")
    return figure, pairs


def _bands(axis: Any, history: History, marked: Epoch, output: int) -> dict[str, Any]:
    numbers: list[float] = [epoch.number for epoch in history.epochs]
    spreads = [epoch.answers[output] for epoch in history.epochs]
    truth = history.truth[output]
    quantiles = np.array([spread.quantiles for spread in spreads]).T
    ends = np.array([(spread.low, spread.high) for spread in spreads]).T
    handles: dict[str, Any] = {}
    if len(history.epochs) == 1:  # a band needs a width
        numbers = [numbers[0] - 0.3, numbers[0] + 0.3]
        quantiles, ends = np.repeat(quantiles, 2, 1), np.repeat(ends, 2, 1)
    colour = axes_of.NETWORK
    handles["answers: middle 90 %"] = axis.fill_between(
        numbers, quantiles[_LOWEST], quantiles[_HIGHEST], color=colour, alpha=0.2, linewidth=0
    )
    handles["middle half"] = axis.fill_between(
        numbers, quantiles[_LOWER], quantiles[_UPPER], color=colour, alpha=0.4, linewidth=0
    )
    (handles["median"],) = axis.plot(
        numbers, quantiles[_MIDDLE], color=colour, linewidth=1.5 if len(numbers) <= 400 else 0.8
    )
    for end in ends:
        (handles["lowest, highest"],) = axis.plot(numbers, end, color=colour, linewidth=0.7, linestyle=":")
    for value in (truth.quantiles[_LOWEST], truth.quantiles[_HIGHEST]):
        handles["truth: middle 90 %"] = axis.axhline(
            value, color=axes_of.TRUTH, linewidth=1.0, linestyle=(0, (5, 3)), zorder=1
        )
    axis.axvline(marked.number, color=style.FAINT, linewidth=0.9, zorder=1)
    axes_of.epoch_axis(axis, [epoch.number for epoch in history.epochs])
    axis.set_ylabel(short_unit(history.units[output]), fontsize=style.SMALL)
    axis.set_title(f"{style.name_label(history.outputs[output], 36)}\n", fontsize=10, y=1.0)
    percent = spread_percent(marked.answers[output], truth)
    said = "the truth is one number" if math.isnan(percent) else f"SD {percent:.0f} % of the truth's"
    axes_of.small(axis, 0.0, 1.03, f"{epoch_name(marked)}: {said}", valign="bottom")
    return handles


def _limits(history: History, marked: Epoch, outputs: Iterable[int]) -> tuple[float, float]:
    """Return the scale of some outputs, set by the truth and the marked epoch; other epochs widen it a little."""
    usual: list[float] = []
    ends: list[float] = []
    for output in outputs:
        truth, best = history.truth[output], marked.answers[output]
        usual += [truth.low, truth.high, *best.quantiles]
        for epoch in history.epochs:
            ends += [epoch.answers[output].low, epoch.answers[output].high, *epoch.answers[output].quantiles]
    return axes_of.value_limits(usual, ends)


def _say_outside(axis: Any, answers: Sequence[Spread]) -> None:
    """Write into the corners how many epochs have answers beyond the axis."""
    low, high = axis.get_ylim()
    above = sum(spread.high > high for spread in answers)
    below = sum(spread.low < low for spread in answers)
    for where, count in ((0.97, above), (0.03, below)):
        if count:
            text = f"{'▴' if where > 0.5 else '▾'} beyond in {count:,} epoch{'' if count == 1 else 's'}"
            axes_of.small(axis, 0.99, where, text, align="right", valign="top" if where > 0.5 else "bottom")


def _boxes(axis: Any, marked: Epoch, output: int, truth: Spread) -> None:
    pairs = ((marked.answers[output], axes_of.NETWORK), (truth, axes_of.TRUTH))
    for place, (spread, colour) in enumerate(pairs):
        q = spread.quantiles
        axis.plot([place, place], [spread.low, spread.high], color=colour, linewidth=0.7, linestyle=":")
        axis.plot([place, place], [q[_LOWEST], q[_HIGHEST]], color=colour, linewidth=1.3)
        axis.bar(
            place,
            q[_UPPER] - q[_LOWER],
            bottom=q[_LOWER],
            width=0.62,
            color=colour,
            alpha=0.45,
            edgecolor=colour,
        )
        axis.plot([place - 0.31, place + 0.31], [q[_MIDDLE]] * 2, color=style.INK, linewidth=1.6)
    axis.set_xlim(-0.6, 1.6)
    axis.set_xticks([0, 1], ["best" if marked.best else "kept", "truth"], fontsize=style.TINY)
    axis.tick_params(axis="both", length=0, labelleft=False)
    axis.spines["left"].set_visible(False)
    style.value_grid(axis, "y")
