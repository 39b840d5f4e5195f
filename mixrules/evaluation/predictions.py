"""Predicted parameters against the truth: errors per snippet and per song, beside constants.

A table has a column ``song``, perhaps a column ``snippet``, and one column for each parameter. A
model that loses to a constant must be seen to lose: the mean of the truth, and for each song the mean
of the other songs (leave-one-out), stand beside it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.files.tables.numbers import NumberFormat, cell_number
from mixrules.files.tables.reading import numbers_lines, read_any_text, table_of
from mixrules.statistics import Interval, bootstrap_mean, paired_test

SONG, SNIPPET = "song", "snippet"
PREDICTED, MEAN, LEAVE_ONE_OUT = "predicted", "mean of the truth", "leave-one-out mean"
_LARGEST_FILE = 64 << 20
_LARGEST = 1e9  # far beyond any parameter of a mix; the square of a greater one might overflow
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of parameters: keys (song, snippet), names, and values of shape (rows, names)."""

    keys: tuple[Key, ...]
    names: tuple[str, ...]
    values: npt.NDArray[np.float64]

    def column(self, name: str) -> dict[Key, float]:
        """Return one parameter by key, without the cells that are empty."""
        column = self.names.index(name)
        found = zip(self.keys, self.values[:, column], strict=True)
        return {key: float(value) for key, value in found if not math.isnan(value)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Errors of one predictor of one parameter.

    Attributes
    ----------
    parameter, predictor : str
        What, and by whom.
    snippets : int
        How many snippets count.
    snippet_mae, snippet_rmse, bias : float
        Mean absolute error, root mean square error and mean error over snippets, in the parameter's unit.
    song_mae : Interval
        Mean absolute error over songs, of the means over each song's snippets.
    better_songs, worse_songs : int
        In how many songs the error is lower or higher than the leave-one-out mean's.
    p : float
        Wilcoxon signed-rank test of that over songs; NaN for the constants.
    """

    parameter: str
    predictor: str
    snippets: int
    snippet_mae: float
    snippet_rmse: float
    bias: float
    song_mae: Interval
    better_songs: int
    worse_songs: int
    p: float


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a table of parameters from a CSV file, as any spreadsheet saves it.

    Parameters
    ----------
    path : path-like
        With a header: ``song``, perhaps ``snippet``, and the parameters. Empty cells are missing values. Decimals may
        follow a comma.

    Returns
    -------
    Table

    Raises
    ------
    ParameterError
        If a column is missing or stands twice, a row has the wrong length or stands twice, or a value is no
        number within ±1e9; names the line.
    AudioFileError
        If the file cannot be read.
    """
    text, _ = read_any_text(path, largest=_LARGEST_FILE)
    found = table_of(text, str(path))
    rows = list(found.lines)
    if len(rows) < 2:
        raise ParameterError(
            f"{path} holds no rows: a header with {SONG!r} and a row for each song are needed"
        )
    header = list(rows[0][1])
    if SONG not in header:
        raise ParameterError(f"{path} has no column {SONG!r}: it has {', '.join(header)}")
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise ParameterError(f"{path}: the column {twice[0]!r} stands twice")
    columns = {name: [row[p] for _, row in rows[1:] if p < len(row)] for p, name in enumerate(header)}
    names = tuple(
        name for name in header if name not in (SONG, SNIPPET) and not numbers_lines(name, columns[name])
    )
    if not names:
        raise ParameterError(
            f"{path} has no column but {', '.join(header)}: one for each parameter is needed"
        )
    forms = {name: NumberFormat.of(columns[name], found.separator) for name in names}
    table: dict[Key, list[float]] = {}
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise ParameterError(f"{path}, line {line}: {len(row)} cells, {len(header)} are needed")
        cells = dict(zip(header, row, strict=True))
        key = (cells[SONG], cells.get(SNIPPET, ""))
        if key in table:
            raise ParameterError(f"{path}, line {line}: {' '.join(key).strip()} stands twice")
        table[key] = [_number(cells[name], forms[name], f"{path}, line {line}: {name}") for name in names]
    return Table(keys=tuple(table), names=names, values=np.array(list(table.values()), np.float64))


def score_predictions(predicted: Table, truth: Table) -> tuple[list[Errors], list[str]]:
    """Return the errors of the predictions and of the constants, for every parameter both tables have.

    Parameters
    ----------
    predicted, truth : Table
        A prediction without a snippet counts for every snippet of its song.

    Returns
    -------
    list of Errors, list of str
        Three for each parameter, and notes on what had no counterpart.

    Raises
    ------
    ParameterError
        If the tables have no parameter or no song in common.
    """
    names = [name for name in truth.names if name in predicted.names]
    if not names:
        raise ParameterError(
            f"no parameter stands in both tables: predicted {', '.join(predicted.names)}; "
            f"true {', '.join(truth.names)}"
        )
    found: list[Errors] = []
    notes = []
    for name in names:
        true, guessed = truth.column(name), predicted.column(name)
        keys = [key for key in true if _guess(guessed, key) is not None]
        if not keys:
            raise ParameterError(f"{name}: no song of the predictions stands among the true ones")
        missing = len(true) - len(keys)
        if missing:
            notes.append(f"{name}: {missing} of {len(true)} true values have no prediction and do not count")
        found += _of_parameter(name, {key: true[key] for key in keys}, guessed)
    left = [name for name in predicted.names if name not in truth.names]
    if left:
        notes.append(f"no truth for {', '.join(left)}")
    return found, notes


def _of_parameter(name: str, true: Mapping[Key, float], guessed: Mapping[Key, float]) -> list[Errors]:
    keys = list(true)
    songs = [key[0] for key in keys]
    values = np.array([true[key] for key in keys])
    by_predictor = {
        PREDICTED: np.array([_guess(guessed, key) for key in keys], np.float64),
        MEAN: np.full(len(keys), float(np.mean(values))),
        LEAVE_ONE_OUT: _leave_one_out(songs, values),
    }
    song_errors = {who: _song_errors(songs, guess, values) for who, guess in by_predictor.items()}
    rows = []
    for who, guess in by_predictor.items():
        error = guess - values
        counted = error[np.isfinite(error)]
        test = paired_test(song_errors[who], song_errors[LEAVE_ONE_OUT])
        rows.append(
            Errors(
                parameter=name,
                predictor=who,
                snippets=int(counted.size),
                snippet_mae=float(np.mean(np.abs(counted))) if counted.size else math.nan,
                snippet_rmse=float(np.sqrt(np.mean(counted**2))) if counted.size else math.nan,
                bias=float(np.mean(counted)) if counted.size else math.nan,
                song_mae=bootstrap_mean(song_errors[who]),
                better_songs=test.wins,
                worse_songs=test.losses,
                p=test.p if who == PREDICTED else math.nan,
            )
        )
    return rows


def _leave_one_out(songs: Sequence[str], values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return for every row the mean of the rows of all other songs; NaN where there is only one song."""
    own = np.asarray(songs)
    total, count = float(values.sum()), values.size
    guesses = np.full(count, math.nan)
    for song in set(songs):
        inside = own == song
        left = count - int(inside.sum())
        if left:
            guesses[inside] = (total - float(values[inside].sum())) / left
    return guesses


def _song_errors(
    songs: Sequence[str], guess: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    own = np.asarray(songs)
    order = list(dict.fromkeys(songs))
    return np.array([abs(float(np.mean(guess[own == s]) - np.mean(values[own == s]))) for s in order])


def _guess(guessed: Mapping[Key, float], key: Key) -> float | None:
    return guessed.get(key, guessed.get((key[0], "")))


def _number(cell: str, form: NumberFormat, name: str) -> float:
    if not cell:
        return math.nan
    number = cell_number(cell, form)
    if number is None or number.percent or abs(number.value) > _LARGEST:
        raise ParameterError(f"{name} must be a number within ±1e9 or empty, got {cell[:40]!r}")
    return number.value
