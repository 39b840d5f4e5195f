"""Learning curves: training loss and validation errors over epochs, beside the constants, the best epoch marked."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixrules.learning.training.history import Epoch, History
from mixrules.report import figure_style as style
from mixrules.report.training import axes as axes_of

_ERRORS = {"mae": "mean absolute error", "rmse": "root mean square error"}
_SHORT = {"mae": "MAE", "rmse": "RMSE"}


def marked_epoch(history: History, kept: int | None = None) -> Epoch:
    """Return the epoch that figures mark.

    Parameters
    ----------
    history : History
        With at least one epoch.
    kept : int, optional
        The number of the epoch whose network was kept; None for the best one.
    """
    for epoch in reversed(history.epochs):
        if epoch.number == kept or (kept is None and epoch.best):
            return epoch
    return history.epochs[-1]


def epoch_name(epoch: Epoch) -> str:
    """Return what the marked epoch is called: the best, or one that was fixed beforehand."""
    return f"{'best' if epoch.best else 'kept'} epoch {epoch.number:,}"


def errors_of(history: History, by: str, error: str) -> axes_of.Floats:
    """Return a validation error epoch by epoch.

    Parameters
    ----------
    history : History
        With at least one epoch.
    by : {"song", "snippet"}
        What counts as one.
    error : {"mae", "rmse"}
        Which error.
    """
    return np.array([getattr(getattr(epoch, f"by_{by}"), error) for epoch in history.epochs], np.float64)


def learning_curves(history: History, kept: int | None = None) -> Any:
    """Draw the training loss and the validation errors; MAE and RMSE have one scale by song, and one by snippet.

    Parameters
    ----------
    history : History
        With at least one epoch.
    kept : int, optional
        The epoch whose network was kept; None for the best one.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = style.panels(6, 3, width=axes_of.WIDTH, height=axes_of.HEIGHT)
    loss, space = axes[0], axes[3]
    numbers = [epoch.number for epoch in history.epochs]
    marked = marked_epoch(history, kept)
    marks = axes_of.epoch_marks(len(numbers))
    _loss(loss, history, marked, marks)
    sides = axes_of.judged_first(history.judged_by)
    limits = {by: _limits(history, by) for by in sides}
    handles: dict[str, Any] = {}
    for row, error in enumerate(_ERRORS):
        for column, by in enumerate(sides, start=1):
            axis = axes[3 * row + column]
            values = errors_of(history, by, error)
            handles["network, validation songs"] = axis.plot(
                numbers, values, color=axes_of.NETWORK, zorder=3, **marks
            )[0]
            for name, pair in _constants(history, by).items():
                handles[f"constant: {name} of the training targets"] = axes_of.constant_line(
                    axis, name, getattr(pair, error)
                )
            value = getattr(getattr(marked, f"by_{by}"), error)
            handles[epoch_name(marked)] = _mark(axis, marked.number, value)
            axis.set_ylim(*limits[by])
            axes_of.say_beyond(axis, values)
            axes_of.epoch_axis(axis, numbers)
            axis.set_ylabel(axes_of.with_unit(_SHORT[error], history.error_unit), fontsize=style.SMALL)
            axes_of.panel_title(axis, f"{_ERRORS[error].capitalize()}, by {by}")
    space.set_axis_off()
    space.legend(handles.values(), handles.keys(), loc="center left", fontsize=style.SMALL, handlelength=2.2)
    return figure


def _limits(history: History, by: str) -> tuple[float, float]:
    pairs = _constants(history, by).values()
    return axes_of.error_limits(
        [errors_of(history, by, error) for error in _ERRORS],
        [getattr(pair, error) for pair in pairs for error in _ERRORS],
    )


def _loss(axis: Any, history: History, marked: Epoch, marks: dict[str, Any]) -> None:
    numbers = [epoch.number for epoch in history.epochs]
    losses = np.array([epoch.train_loss for epoch in history.epochs], np.float64)
    axis.plot(numbers, losses, color=style.INK, **marks)
    _mark(axis, marked.number, marked.train_loss)
    axis.set_ylim(*axes_of.error_limits([losses]))
    axes_of.say_beyond(axis, losses)
    axes_of.epoch_axis(axis, numbers)
    axis.set_ylabel("loss", fontsize=style.SMALL)
    axes_of.panel_title(axis, "Training loss")


def _mark(axis: Any, number: int, value: float) -> Any:
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
    found: dict[str, Any] = getattr(history, f"constants_by_{by}")
    return found
