"""Which figures show a training, in which order, and the sentence below each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mixrules.learning.training.history import History
from mixrules.learning.training.results import TrainingResults
from mixrules.report import figure_style as style
from mixrules.report.drawn_figure import DrawnFigure, finished
from mixrules.report.training.answers import answers_over_epochs
from mixrules.report.training.curves import learning_curves, marked_epoch
from mixrules.report.training.scatter import SnippetAnswers, answer_against_truth
from mixrules.report.training.sweep import ErrorPoint, error_against_songs, sweep_curves

LEARNING, TEST, SWEEP = "Learning", "Test songs", "Less data"

Training = tuple[History, TrainingResults | None]


def training_figures(
    trainings: Sequence[Training], tested: SnippetAnswers | None = None
) -> Iterator[DrawnFigure]:
    """Yield every figure of a training, drawn.

    Parameters
    ----------
    trainings : sequence of (History, TrainingResults or None)
        One, or several on parts of the same songs; the last is drawn in full.
    tested : SnippetAnswers, optional
        Its answers to the test songs.
    """
    history, results = trainings[-1]
    kept = results.kept_epoch if results else None
    with style.figure_style():
        yield finished(
            learning_curves(history, kept),
            LEARNING,
            "curves",
            "Learning curves",
            "Training loss, with dropout, in the scale that the network learns in; and errors on the validation songs "
            "after each epoch, MAE and RMSE on one scale. A network that stays above a constant has learnt nothing "
            "of use.",
        )
        yield finished(
            answers_over_epochs(history, kept),
            LEARNING,
            "answers",
            "Answers and truth, epoch by epoch",
            "Answers to the blocks of the validation songs after each epoch; at the right those of one epoch beside the "
            "truth: middle half, median, middle 90 %, and dotted to the ends. Where a network has collapsed to the mean, "
            "its band is narrow within the truth's.",
        )
        if tested is not None and tested.songs and tested.outputs:
            yield _scatter(history, results, tested)
        if len(trainings) > 1:
            yield finished(
                sweep_curves([each for each, _ in trainings]),
                SWEEP,
                "sweep_curves",
                "Curves by number of training songs",
                "All trainings, each measure on one scale; the best epoch is marked. The lines of the constants are "
                "those of the training with the most songs.",
            )
            yield _errors(trainings)


def _scatter(history: History, results: TrainingResults | None, tested: SnippetAnswers) -> DrawnFigure:
    units = dict(zip(history.outputs, history.units, strict=True))
    by_song = history.judged_by == "song"
    constant = results.better_constant if results else "median"
    numbers = results.constants[constant] if results else {}
    return finished(
        answer_against_truth(tested, units, constant, numbers, history.judged_by),
        TEST,
        "test_songs",
        "Answer against truth",
        f"{'Each test song (mean over its snippets), its snippets behind' if by_song else 'Snippets of the test songs'}. "
        "Points along the diagonal are right; a network that answers the same to everything lies on a level line, as "
        "the constant does.",
    )


def _errors(trainings: Sequence[Training]) -> DrawnFigure:
    points = [point for history, results in trainings for point in _points(history, results)]
    known = all(results for _, results in trainings)
    which = (
        "test songs, with 95 % intervals over songs" if known else "validation songs, after the best epoch"
    )
    return finished(
        error_against_songs(points, trainings[-1][0].error_unit, trainings[-1][0].judged_by),
        SWEEP,
        "sweep_errors",
        "Error by number of training songs",
        f"Mean absolute error on the {which}. Where the network's line still falls at its right end, more songs "
        "would help.",
    )


def _points(history: History, results: TrainingResults | None) -> Iterator[ErrorPoint]:
    """Yield the errors of a training: on the test songs where they are known, else on the validation songs."""
    songs = history.training_songs
    if results is not None:
        for errors in results.errors:
            if errors.split == "test":
                yield ErrorPoint(
                    songs=songs,
                    by=errors.by,
                    predictor=errors.predictor,
                    mae=errors.mae.mean,
                    low=errors.mae.low,
                    high=errors.mae.high,
                )
        return
    best = marked_epoch(history)
    for by in ("song", "snippet"):
        yield ErrorPoint(songs=songs, by=by, predictor="network", mae=getattr(best, f"by_{by}").mae)
        for name, pair in getattr(history, f"constants_by_{by}").items():
            yield ErrorPoint(songs=songs, by=by, predictor=name, mae=pair.mae)
