"""What a training was like, epoch by epoch: plain numbers, for the terminal, for pictures and for ``history.jsonl``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.learning.error_pair import ErrorPair

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the values of one output are distributed.

    Attributes
    ----------
    mean, std : float
        Of the values.
    quantiles : tuple of float
        At `QUANTILES`.
    low, high : float
        The ends.
    """

    mean: float
    std: float
    quantiles: tuple[float, ...]
    low: float
    high: float

    @classmethod
    def of(cls, values: npt.NDArray[np.floating]) -> tuple[Spread, ...]:
        """Return the spread of each column of values, shape (rows, outputs)."""
        columns = np.asarray(values, np.float64).T
        return tuple(
            cls(
                mean=float(column.mean()),
                std=float(column.std()),
                quantiles=tuple(float(value) for value in np.quantile(column, QUANTILES)),
                low=float(column.min()),
                high=float(column.max()),
            )
            for column in columns
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One epoch.

    Attributes
    ----------
    number : int
        From 1.
    train_loss : float
        Mean of the loss over the batches, in training: with dropout, before the last steps.
    by_snippet, by_song : ErrorPair
        On the validation songs after the epoch; a song's answer is the mean over its blocks, its truth the mean of its
        targets.
    answers : tuple of Spread
        Of the answers to the validation blocks, for each output.
    best : bool
        Whether no epoch before had so small a mean absolute error, by what the training is judged by.
    seconds : float
        What it took.
    """

    number: int
    train_loss: float
    by_snippet: ErrorPair
    by_song: ErrorPair
    answers: tuple[Spread, ...]
    best: bool
    seconds: float

    def mae(self, by: str) -> float:
        """Return the mean absolute error by ``"song"`` or ``"snippet"``."""
        return (self.by_song if by == "song" else self.by_snippet).mae


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All epochs of a training, and what they are to be held against.

    Attributes
    ----------
    task : str
        What was learnt.
    title : str
        What to call it: the network, and the fraction of the training songs where it is not all of them.
    outputs, units : tuple of str
        The numbers to predict, and their units.
    training_songs : int
        How many songs it learnt from.
    truth : tuple of Spread
        Of the targets of the validation blocks, for each output.
    constants_by_snippet, constants_by_song : dict of str to ErrorPair
        Errors of ``"mean"`` and ``"median"`` of the training targets on the validation songs.
    judged_by : {"song", "snippet"}
        Whose errors choose the epoch: those of songs, or of snippets where the mean over a song says nothing.
    epochs : tuple of Epoch
        In order.
    """

    task: str
    title: str
    outputs: tuple[str, ...]
    units: tuple[str, ...]
    training_songs: int
    truth: tuple[Spread, ...]
    constants_by_snippet: dict[str, ErrorPair]
    constants_by_song: dict[str, ErrorPair]
    judged_by: str = "song"
    epochs: tuple[Epoch, ...] = ()

    @property
    def error_unit(self) -> str:
        """The unit of its errors: the outputs' own, or, where they differ, the training targets' standard deviation."""
        return error_unit(self.units)


def short_unit(unit: str) -> str:
    """Return a unit without what task data says of it after a comma."""
    return unit.partition(",")[0].strip()


def error_unit(units: tuple[str, ...]) -> str:
    """Return the unit of errors over all outputs."""
    short = {short_unit(unit) for unit in units}
    return short.pop() if len(short) == 1 else "standard deviations"
