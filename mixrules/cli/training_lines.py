"""A line for each epoch while a network is trained: numbers anywhere, and on a terminal a curve that grows downwards."""

from __future__ import annotations

import math
import shutil
import sys
from typing import TYPE_CHECKING

from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.learning.training.history import History

_WIDTHS = (11, 9, 9, 9, 7, 9)
_COLUMNS = 80
_CURVE = 22
"""Characters of the curve: the constant's error is in its middle, 0 at its left end."""


class EpochLines:
    """Prints what each epoch has brought; call it with the history after every epoch.

    Parameters
    ----------
    epochs : int
        How many there are at most.
    quiet : bool
        Whether to print nothing.
    """

    def __init__(self, *, epochs: int, quiet: bool = False) -> None:
        self._epochs, self._quiet = epochs, quiet
        self._training: tuple[str, str, int] | None = None

    def __call__(self, history: History) -> None:
        """Print the line of the last epoch, and what the columns are before the first one of a training."""
        if self._quiet or not history.epochs:
            return
        training = (history.task, history.title, history.training_songs)
        if training != self._training:
            self._training = training
            self._introduce(history)
        say(self._line(history))

    def _introduce(self, history: History) -> None:
        songs = history.training_songs
        say(f"{history.task}, {history.title}: {songs:,} training song{'' if songs == 1 else 's'}")
        say(f"MAE by {history.judged_by} on validation songs, in {history.error_unit}; * the best so far")
        say("spread: standard deviation of the answers, in % of the truth's")
        done = history.epochs[-1].number - 1
        if done:
            say(f"continues after epoch {done:,}")
        curve = f"   0{'|':>{_CURVE // 2}}" if _curve_is_shown() else ""
        say(_row(("epoch", "loss", "network", better_constant(history)[0], "spread", "seconds")) + curve)

    def _line(self, history: History) -> str:
        from mixrules.report.training.answers import median_spread_percent

        epoch = history.epochs[-1]
        constant, error = better_constant(history)[1], epoch.mae(history.judged_by)
        spread = median_spread_percent(epoch, history.truth)
        line = _row(
            (
                f"{epoch.number}/{self._epochs}",
                *(shown(value) for value in (epoch.train_loss, error, constant)),
                "-" if math.isnan(spread) else f"{min(spread, 9999.0):.0f} %",
                f"{epoch.seconds:.1f}",
            )
        )
        line += " *" if epoch.best else "  "
        return (
            f"{line} {_curve(error, constant, '*' if epoch.best else 'o')}"
            if _curve_is_shown()
            else line.rstrip()
        )


def better_constant(history: History) -> tuple[str, float]:
    """Return which constant has the smaller mean absolute error, by what the training is judged by, and that error.

    Parameters
    ----------
    history : History
        Whose validation songs they answer.
    """
    by_song = history.judged_by == "song"
    pairs = history.constants_by_song if by_song else history.constants_by_snippet
    found = {name: pair.mae for name, pair in pairs.items()}
    name = min(found, key=lambda each: found[each])
    return name, found[name]


def shown(value: float) -> str:
    """Return a number in at most eight characters, a dash where it is not defined."""
    if not math.isfinite(value):
        return "-"
    if abs(value) >= 100_000.0:
        return f"{value:.1e}"
    return f"{value:.{max(0, 4 - len(str(int(abs(value)))))}f}"


def _row(cells: tuple[str, ...]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _curve_is_shown() -> bool:
    return sys.stdout.isatty() and shutil.get_terminal_size().columns >= _COLUMNS


def _curve(error: float, constant: float, mark: str) -> str:
    """Return a line of the curve: the constant in the middle, the network where its error is, beyond the end ``>``."""
    characters = [" "] * _CURVE
    middle = _CURVE // 2
    characters[middle] = "|"
    if math.isfinite(error):
        share = error / constant if constant > 0.0 else (1.0 if error == 0.0 else math.inf)
        if middle * share < _CURVE - 0.5:
            characters[round(middle * share)] = mark
        else:
            characters[-1] = ">"
    return "".join(characters).rstrip()
