"""Learning curves: training loss and validation errors over epochs, beside the constants, the best epoch marked."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixrules.learning.history import Epoch, History
from mixrules.report import figure_style as style
from mixrules.report import training_axes as axes_of

_ERRORS = {"mae": "mean absolute error", "rmse": "root mean square error"}
_SHORT = {"mae": "MAE", "rmse": "RMSE"}
_BY = {"by_song": "by song", "by_snippet": "by snippet"}


def best_epoch(history: History) -> Epoch:
    """Return the epoch whose network is kept: the last that was better than all before it."""
    return [epoch for epoch in history.epochs if epoch.best][-1] if _has_best(history) else history.epochs[-1]


def errors_of(history: History, by: str, error: str) -> axes_of.Floats:
    """Return a validation error epoch by epoch.

    Parameters
    ----------
    history : History
        With at least one epoch.
    by : {"by_song", "by_snippet"}
        What counts as one.
    error : {"mae", "rmse"}
        Which error.
    """
    return np.array([getattr(getattr(epoch, by), error) for epoch in history.epochs], np.float64)


def learning_curves(history: History) -> Any:
    """Draw the training loss and the validation errors; MAE and RMSE have one scale by song, and one by snippet.

    Parameters
    ----------
    history : History
        With at least one epoch.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = style.panels(6, 3, width=axes_of.WIDTH, height=axes_of.HEIGHT)
    loss, space = axes[0], axes[3]
    numbers = [epoch.number for epoch in history.epochs]
    best = best_epoch(history)
    marks = axes_of.epoch_marks(len(numbers))
    _loss(loss, history, best, marks)
    limits = {by: _limits(history, by) for by in _BY}
    unit = axes_of.common_unit(history.units)
    handles: dict[str, Any] = {}
    for row, error in enumerate(_ERRORS):
        for column, by in enumerate(_BY, start=1):
            axis = axes[3 * row + column]
            values = errors_of(history, by, error)
            handles["network, validation songs"] = axis.plot(
                numbers, values, color=axes_of.NETWORK, zorder=3, **marks
            )[0]
            for name, pair in _constants(history, by).items():
                handles[f"constant: {name} of the training targets"] = axes_of.constant_line(
                    axis, name, getattr(pair, error)
                )
            at_best = getattr(getattr(best, by), error)
            handles[f"best epoch: {best.number:,}"] = _mark_best(axis, best.number, at_best)
            axis.set_ylim(*limits[by])
            axes_of.say_beyond(axis, values)
            axes_of.epoch_axis(axis, numbers)
            axis.set_ylabel(axes_of.with_unit(_SHORT[error], unit), fontsize=style.SMALL)
            axes_of.panel_title(axis, f"{_ERRORS[error].capitalize()}, {_BY[by]}")
    space.set_axis_off()
    space.legend(handles.values(), handles.keys(), loc="center left", fontsize=style.SMALL, handlelength=2.2)
    return figure


def _limits(history: History, by: str) -> tuple[float, float]:
    pairs = _constants(history, by).values()
    return axes_of.error_limits(
        [errors_of(history, by, error) for error in _ERRORS],
        [getattr(pair, error) for pair in pairs for error in _ERRORS],
    )


def _loss(axis: Any, history: History, best: Epoch, marks: dict[str, Any]) -> None:
    numbers = [epoch.number for epoch in history.epochs]
    losses = np.array([epoch.train_loss for epoch in history.epochs], np.float64)
    axis.plot(numbers, losses, color=style.INK, **marks)
    _mark_best(axis, best.number, best.train_loss)
    axis.set_ylim(*axes_of.error_limits([losses]))
    axes_of.say_beyond(axis, losses)
    axes_of.epoch_axis(axis, numbers)
    axis.set_ylabel("loss", fontsize=style.SMALL)
    axes_of.panel_title(axis, "Training loss")


def _mark_best(axis: Any, number: int, value: float) -> Any:
    axis.axvline(number, color=style.FAINT, linewidth=0.9, zorder=1)
    (mark,) = axis.plot(
        [number],
        [value],
        "D",
        color="#009E73",
        markersize=6.5,
        markeredgecolor="white",
        zorder=5,
        clip_on=False,
    )
    return mark


def _constants(history: History, by: str) -> dict[str, Any]:
    found: dict[str, Any] = getattr(history, f"constants_{by}")
    return found


def _has_best(history: History) -> bool:
    return any(epoch.best for epoch in history.epochs)
