"""How far answers are from the truth, by snippet and by song, with intervals over songs, beside constants.

Songs are what chance drew, blocks of a song are not independent: every interval and test is over songs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.corpus.tasks.constant_predictors import song_means
from mixrules.learning.error_pair import ErrorPair
from mixrules.learning.training.blocks import Blocks
from mixrules.statistics import Interval, PairedTest, bootstrap_mean, normal_mean, paired_test

Floats = npt.NDArray[np.float64]

CONSTANTS = ("mean", "median")
NETWORK = "network"
BY = ("snippet", "song")
_RESAMPLES = 5000
_MOST_RESAMPLED = 2000  # songs: a bootstrap takes time with their square, and of so many is no better


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictorErrors:
    """Errors of one predictor on one split.

    Attributes
    ----------
    split, by, predictor : str
        ``"train"``, ``"validation"`` or ``"test"``; ``"snippet"`` or ``"song"`` (the mean over its blocks); and
        ``"network"``, or the ``"mean"`` or ``"median"`` of the training targets.
    songs, values : int
        How many songs, and how many snippets or songs the errors are means over.
    mae, rmse : Interval
        Mean absolute error and root mean square error over all outputs, with 95 % intervals over songs.
    by_output : dict of str to ErrorPair
        Both errors of each output, in its own unit.
    """

    split: str
    by: str
    predictor: str
    songs: int
    values: int
    mae: Interval
    rmse: Interval
    by_output: dict[str, ErrorPair]


def constants_of(targets: Floats) -> dict[str, Floats]:
    """Return the constants that a network has to beat: mean and median of the training targets, for each output."""
    return {"mean": targets.mean(axis=0), "median": np.median(targets, axis=0)}


def both_errors(answers: Floats, blocks: Blocks, scale: Floats) -> tuple[ErrorPair, ErrorPair]:
    """Return the errors of answers to blocks, by snippet and by song."""
    answers, truth = (
        np.broadcast_to(values, blocks.targets.shape) / scale for values in (answers, blocks.targets)
    )
    by_song = (song_means(values, blocks.songs) for values in (answers, truth))
    return ErrorPair.of(answers, truth), ErrorPair.of(*by_song)


def split_errors(
    split: str, predictions: Mapping[str, Floats], blocks: Blocks, outputs: tuple[str, ...], scale: Floats
) -> list[PredictorErrors]:
    """Return the errors of each predictor on a split, by snippet and by song.

    Parameters
    ----------
    split : str
        What it is called.
    predictions : mapping of str to ndarray
        For each predictor an answer for each block, shape (blocks, outputs), or one for all, shape (outputs,).
    blocks : Blocks
        The split, with the truth.
    outputs : tuple of str
        What is predicted.
    scale : ndarray, shape (outputs,)
        What errors are divided by before they are averaged over outputs.
    """
    found = []
    _, song = np.unique(blocks.songs, return_inverse=True)
    for by in BY:
        for predictor, given in predictions.items():
            error = np.broadcast_to(given, blocks.targets.shape) - blocks.targets
            unit = song
            if by == "song":
                error = song_means(error, blocks.songs)
                unit = np.arange(len(error))
            scaled = error / scale
            square = _over_songs(np.mean(np.square(scaled), axis=1), unit)
            found.append(
                PredictorErrors(
                    split=split,
                    by=by,
                    predictor=predictor,
                    songs=square.count,
                    values=len(error),
                    mae=_over_songs(np.mean(np.abs(scaled), axis=1), unit),
                    rmse=Interval(
                        mean=math.sqrt(square.mean),
                        low=float(np.sqrt(np.maximum(square.low, 0.0))),  # NaN stays NaN
                        high=float(np.sqrt(square.high)),
                        count=square.count,
                    ),
                    by_output={
                        name: ErrorPair.of(column, np.zeros(1))
                        for name, column in zip(outputs, error.T, strict=True)
                    },
                )
            )
    return found


def _over_songs(errors: Floats, songs: npt.NDArray[np.intp]) -> Interval:
    """Return the mean of errors and its interval over songs.

    A song with more blocks counts for more. The mean over all blocks is a ratio of two sums over songs, of errors and of
    blocks; that is linear, to first order, in the values that are resampled here, whose mean it is.
    """
    counts = np.bincount(songs)
    total, mean = np.bincount(songs, errors), float(np.mean(errors))
    values = mean + (total - mean * counts) / counts.mean()
    if len(values) > _MOST_RESAMPLED:
        return normal_mean(values)
    return bootstrap_mean(values, resamples=_RESAMPLES)


def against_constant(
    network: Floats, constants: Mapping[str, Floats], blocks: Blocks, scale: Floats, by: str
) -> tuple[str, PairedTest]:
    """Return the constant that is better on these songs, and the network compared with it over the songs.

    Parameters
    ----------
    network : ndarray, shape (blocks, outputs)
        Its answers.
    constants : mapping of str to ndarray, shape (outputs,)
        The constants.
    blocks : Blocks
        The songs, with the truth.
    scale : ndarray, shape (outputs,)
        What errors are divided by before they are averaged over outputs.
    by : {"song", "snippet"}
        What is compared of each song: the error of its answer, or the mean error of its snippets.

    Returns
    -------
    str, PairedTest
        The network is the first.
    """

    def of_songs(given: Floats) -> Floats:
        error = (np.broadcast_to(given, blocks.targets.shape) - blocks.targets) / scale
        each = (
            np.abs(song_means(error, blocks.songs))
            if by == "song"
            else song_means(np.abs(error), blocks.songs)
        )
        return np.asarray(each.mean(axis=1))

    errors = {name: of_songs(constant) for name, constant in constants.items()}
    better = min(errors, key=lambda name: float(errors[name].mean()))
    return better, paired_test(of_songs(network), errors[better])
