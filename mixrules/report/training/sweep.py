"""Trainings on parts of the same songs: all curves on one picture and one scale, and the error against the songs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.learning.training.history import History
from mixrules.report import figure_style as style
from mixrules.report.training import axes as axes_of
from mixrules.report.training.curves import errors_of, marked_epoch

_MARKERS = {"network": "o", "mean": "s", "median": "^"}
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPoint:
    """The error of one predictor after a training.

    Attributes
    ----------
    songs : int
        How many training songs there were.
    by : {"song", "snippet"}
        What counts as one.
    predictor : {"network", "mean", "median"}
        Who predicts.
    mae : float
        Mean absolute error.
    low, high : float
        Its interval; NaN where there is none.
    """

    songs: int
    by: str
    predictor: str
    mae: float
    low: float = math.nan
    high: float = math.nan


def in_order(histories: Sequence[History]) -> list[History]:
    """Return histories from the fewest training songs to the most."""
    return sorted(histories, key=lambda history: history.training_songs)


def sweep_curves(histories: Sequence[History]) -> Any:
    """Draw training loss and validation error of all trainings, each measure on one scale.

    Parameters
    ----------
    histories : sequence of History
        With at least one epoch each.

    Returns
    -------
    matplotlib.figure.Figure
    """
    histories = in_order(histories)
    rows = math.ceil((len(histories) + 2) / 4)
    figure, axes = style.panels(3, 3, width=axes_of.WIDTH, height=2.9, margin=0.3 + 0.22 * rows)
    numbers = [[epoch.number for epoch in history.epochs] for history in histories]
    longest = max(numbers, key=len)
    losses = [np.array([epoch.train_loss for epoch in history.epochs]) for history in histories]
    handles = _curves(axes[0], histories, losses, colours=_colours(len(histories)))
    axes[0].set_ylim(*axes_of.error_limits(losses))
    axes[0].set_ylabel("loss", fontsize=style.SMALL)
    axes_of.panel_title(axes[0], "Training loss")
    full = histories[-1]
    lines: dict[str, Any] = {}
    for axis, by in zip(axes[1:], axes_of.judged_first(full.judged_by), strict=True):
        curves = [errors_of(history, by, "mae") for history in histories]
        constants = getattr(full, f"constants_by_{by}")
        _curves(axis, histories, curves, colours=_colours(len(histories)))
        for name, pair in constants.items():
            lines[f"constant: {name}"] = axes_of.constant_line(axis, name, pair.mae)
        axis.set_ylim(*axes_of.error_limits(curves, [pair.mae for pair in constants.values()]))
        axis.set_ylabel(axes_of.with_unit("MAE", full.error_unit), fontsize=style.SMALL)
        axes_of.panel_title(axis, f"Validation error by {by}")
    for axis in axes:
        axes_of.epoch_axis(axis, longest)
    labels = _labels(histories)
    style.legend_above(figure, [*handles[::-1], *lines.values()], [*labels[::-1], *lines], 4)
    return figure


def error_against_songs(points: Sequence[ErrorPoint], unit: str, judged_by: str = "song") -> Any:
    """Draw the error of the network and of the constants against the number of training songs, with intervals.

    Parameters
    ----------
    points : sequence of ErrorPoint
        Of all trainings.
    unit : str
        Of the errors.
    judged_by : {"song", "snippet"}
        Whose errors come first.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = style.panels(2, 2, width=4.6, height=3.0, margin=0.4)
    ends = [value for p in points for value in (p.mae, p.low, p.high) if math.isfinite(value)]
    songs = sorted({point.songs for point in points})
    handles: dict[str, Any] = {}
    for axis, by in zip(axes, axes_of.judged_first(judged_by), strict=True):
        for number, predictor in enumerate(_MARKERS):
            own = sorted((p for p in points if (p.by, p.predictor) == (by, predictor)), key=lambda p: p.songs)
            if own:
                name = "network" if predictor == "network" else f"constant: {predictor}"
                handles[name] = _errors(axis, own, predictor, 1.0 + 0.05 * (number - 1))
        axis.set_xscale("log", base=2)
        axis.set_xlim(songs[0] / 1.3, songs[-1] * 1.3)
        ticks = songs if len(songs) <= _MOST_TICKS else songs[:: math.ceil(len(songs) / _MOST_TICKS)]
        axis.set_xticks(ticks, [f"{count:,}" for count in ticks])
        axis.minorticks_off()
        axis.tick_params(labelsize=style.TINY)
        axis.set_ylim(0.0, 1.08 * max(ends) or 1.0)
        axis.set_xlabel("training songs", fontsize=style.SMALL)
        axis.set_ylabel(axes_of.with_unit("MAE", unit), fontsize=style.SMALL)
        axes_of.panel_title(axis, f"Error by {by}")
        style.value_grid(axis, "y")
    style.legend_above(figure, list(handles.values()), list(handles), len(handles))
    return figure


def _labels(histories: Sequence[History]) -> list[str]:
    """Return what trainings are called: by their songs, and by their titles where some have as many."""
    counts = [history.training_songs for history in histories]
    if len(set(counts)) == len(counts):
        return [f"{count:,} training song{'' if count == 1 else 's'}" for count in counts]
    names = [style.name_label(history.title.removesuffix(" of the training songs")) for history in histories]
    return [f"{name} ({count:,})" for name, count in zip(names, counts, strict=True)]


def _curves(
    axis: Any, histories: Sequence[History], curves: Sequence[axes_of.Floats], colours: Sequence[str]
) -> list[Any]:
    """Draw a curve a training and its best epoch; return them for a legend."""
    drawn = []
    for number, (history, curve, colour) in enumerate(zip(histories, curves, colours, strict=True)):
        numbers = [epoch.number for epoch in history.epochs]
        best = marked_epoch(history).number
        (line,) = axis.plot(
            numbers,
            curve,
            color=colour,
            linewidth=1.4 if len(numbers) <= 400 else 0.8,
            marker=style.MARKERS[number % len(style.MARKERS)],
            markevery=[numbers.index(best)],
            markersize=6.5,
            markeredgecolor="white",
            zorder=3,
        )
        drawn.append(line)
    return drawn


def _errors(axis: Any, points: Sequence[ErrorPoint], predictor: str, shift: float) -> Any:
    is_network = predictor == "network"
    colour = axes_of.NETWORK if is_network else axes_of.CONSTANT_COLOURS[predictor]
    places = [shift * point.songs for point in points]
    for place, point in zip(places, points, strict=True):
        if math.isfinite(point.low) and math.isfinite(point.high):
            axis.plot([place, place], [point.low, point.high], color=colour, linewidth=1.2, zorder=2)
    (line,) = axis.plot(
        places,
        [point.mae for point in points],
        color=colour,
        marker=_MARKERS[predictor],
        linestyle="-" if is_network else axes_of.CONSTANT_LINES[predictor],
        linewidth=1.5,
        markersize=6,
        zorder=3,
    )
    return line


def _colours(count: int) -> list[str]:
    """Return a colour for each training, the darkest for the most songs."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["viridis"](0.85 * (1.0 - place))) for place in np.linspace(0.0, 1.0, count)]
