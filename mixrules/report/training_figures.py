"""Which figures show a training, in which order, and the sentence below each."""

from __future__ import annotations

from collections.abc import Sequence

from mixrules.learning.history import History
from mixrules.report import figure_style as style
from mixrules.report.drawn_figure import DrawnFigure, finished
from mixrules.report.training_answers import answers_over_epochs
from mixrules.report.training_curves import learning_curves

LEARNING = "Learning"


def training_figures(histories: Sequence[History]) -> list[DrawnFigure]:
    """Draw every figure of a training.

    Parameters
    ----------
    histories : sequence of History
        Of one training, or of several on parts of the same songs.
    """
    full = max(histories, key=lambda history: history.training_songs)
    with style.figure_style():
        return [
            finished(
                learning_curves(full),
                LEARNING,
                "curves",
                "Learning curves",
                "Training loss in its own unit, with dropout; errors on the validation songs after each epoch, MAE and "
                "RMSE on one scale. Where the network stays above a constant it has learnt nothing that helps.",
            ),
            finished(
                answers_over_epochs(full),
                LEARNING,
                "answers",
                "Answers and truth",
                "Answers to the blocks of the validation songs after each epoch, and at the right those of the best "
                "epoch beside the truth. A network that has collapsed to the mean has a narrow band within the truth's.",
            ),
        ]
