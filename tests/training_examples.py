"""Histories and results of trainings as they might have been, for tests of what is drawn and printed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mixrules.learning.error_pair import ErrorPair
from mixrules.learning.training.history import Epoch, History, Spread
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.scores import BY, CONSTANTS, NETWORK, PredictorErrors
from mixrules.learning.training.settings import settings_for
from mixrules.statistics import bootstrap_mean, paired_test

SNIPPETS = 6
LEVEL = (("vocal_to_backing_lu", "LU, vocal against backing"),)


def eq_outputs(count: int) -> tuple[tuple[str, str], ...]:
    """Outputs in dB, with their units as task data writes them."""
    return tuple((f"gain_{63 << n}_hz_db", f"dB, gain of the octave at {63 << n} Hz") for n in range(count))


def history_of(
    epochs: int,
    *,
    outputs: tuple[tuple[str, str], ...] = LEVEL,
    songs: int = 8,
    learnt: float = 0.8,
    noise: float = 0.5,
    title: str = "corrected",
    training_songs: int = 40,
    judged_by: str = "song",
    task: str = "level",
) -> History:
    """Return a history in which answers approach the truth as far as `learnt` says."""
    rng = np.random.default_rng(17)
    truth = rng.normal(-3.0, 4.0, (songs * SNIPPETS, len(outputs)))
    constants = {"mean": truth.mean(axis=0) + 0.4, "median": np.median(truth, axis=0) - 0.1}
    found: list[Epoch] = []
    for number in range(1, epochs + 1):
        share = learnt * (1.0 - 0.9**number)
        answers = truth.mean(axis=0) + share * (truth - truth.mean(axis=0))
        answers = answers + noise * rng.standard_normal(truth.shape)
        pairs = {by: ErrorPair.of(*_by(by, answers, truth)) for by in BY}
        epoch = Epoch(
            number=number,
            train_loss=0.2 + 0.9**number,
            by_snippet=pairs["snippet"],
            by_song=pairs["song"],
            answers=Spread.of(answers),
            best=False,
            seconds=1.25,
        )
        best = all(epoch.mae(judged_by) < before.mae(judged_by) for before in found)
        found.append(replace(epoch, best=best))
    by_constant = {
        by: {
            name: ErrorPair.of(*_by(by, np.broadcast_to(value, truth.shape), truth))
            for name, value in constants.items()
        }
        for by in BY
    }
    return History(
        task=task,
        title=title,
        outputs=tuple(name for name, _ in outputs),
        units=tuple(unit for _, unit in outputs),
        training_songs=training_songs,
        truth=Spread.of(truth),
        constants_by_snippet=by_constant["snippet"],
        constants_by_song=by_constant["song"],
        judged_by=judged_by,
        epochs=tuple(found),
    )


def results_of(
    history: History,
    *,
    songs: int = 8,
    learnt: float = 0.8,
    train_times: float = 1.0,
    network: str = "corrected",
) -> tuple[TrainingResults, np.ndarray, np.ndarray]:
    """Return results of a history, with the answers to the test songs and their truth."""
    rng = np.random.default_rng(4)
    truth = rng.normal(-3.0, 4.0, (songs * SNIPPETS, len(history.outputs)))
    answers = (
        truth.mean(axis=0) + learnt * (truth - truth.mean(axis=0)) + 0.3 * rng.standard_normal(truth.shape)
    )
    constants = {"mean": truth.mean(axis=0) + 0.4, "median": np.median(truth, axis=0) - 0.1}
    errors = [
        _errors(split, by, predictor, np.broadcast_to(given, truth.shape), truth, history.outputs, songs)
        for split, given_answers in (
            ("train", truth + (answers - truth) / train_times),
            ("validation", answers),
            ("test", answers),
        )
        for by in BY
        for predictor, given in {NETWORK: given_answers, **constants}.items()
    ]
    of_songs = {
        name: np.abs(np.subtract(*_by("song", np.broadcast_to(given, truth.shape), truth))).mean(axis=1)
        for name, given in {NETWORK: answers, **constants}.items()
    }
    better = min(CONSTANTS, key=lambda name: float(of_songs[name].mean()))
    results = TrainingResults(
        settings=settings_for(history.task, network),
        outputs=history.outputs,
        units=history.units,
        error_unit=history.error_unit,
        data_hash="0123456789abcdef" * 4,
        versions={"mixrules": "0.1.0", "torch": "2.13.0"},
        device="cpu",
        parameters=25_465,
        epochs=len(history.epochs),
        kept_epoch=[epoch.number for epoch in history.epochs if epoch.best][-1],
        stopped="",
        blocks={"train": 2400, "validation": len(truth), "test": len(truth)},
        songs={"train": history.training_songs, "validation": songs, "test": songs},
        left_out={"outliers": 12},
        constants={
            name: dict(zip(history.outputs, map(float, value), strict=True))
            for name, value in constants.items()
        },
        errors=tuple(errors),
        better_constant=better,
        against_constant=paired_test(of_songs[NETWORK], of_songs[better]),
    )
    return results, answers, truth


def _by(by: str, *values: np.ndarray) -> tuple[np.ndarray, ...]:
    if by == "snippet":
        return values
    return tuple(value.reshape(-1, SNIPPETS, value.shape[1]).mean(axis=1) for value in values)


def _errors(
    split: str,
    by: str,
    predictor: str,
    answers: np.ndarray,
    truth: np.ndarray,
    outputs: tuple[str, ...],
    songs: int,
) -> PredictorErrors:
    error = np.subtract(*_by(by, answers, truth))
    each = np.abs(error).mean(axis=1).reshape(songs, -1).mean(axis=1)
    square = bootstrap_mean(np.square(error).mean(axis=1).reshape(songs, -1).mean(axis=1), resamples=200)
    return PredictorErrors(
        split=split,
        by=by,
        predictor=predictor,
        songs=songs,
        values=len(error),
        mae=bootstrap_mean(each, resamples=200),
        rmse=replace(square, mean=square.mean**0.5, low=square.low**0.5, high=square.high**0.5),
        by_output={
            name: ErrorPair.of(column, np.zeros(1)) for name, column in zip(outputs, error.T, strict=True)
        },
    )
