"""The same training on parts of the training songs: how much more data would help."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mixrules._support.arguments import as_path
from mixrules.errors import ParameterError
from mixrules.learning.training.blocks import TaskBlocks, read_task_blocks
from mixrules.learning.training.history import History
from mixrules.learning.training.history_file import read_history
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.settings import TrainingSettings
from mixrules.learning.training.training_files import HISTORY, training_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One training of a sweep.

    Attributes
    ----------
    fraction : float
        How much of the training songs it learnt from.
    results : TrainingResults
        What came out.
    history : History
        How it went.
    model : Path
        The ONNX file.
    """

    fraction: float
    results: TrainingResults
    history: History
    model: Path


def sweep(
    data: TaskBlocks | str | os.PathLike[str],
    settings: TrainingSettings,
    fractions: Sequence[float],
    output: str | os.PathLike[str],
    *,
    restart: bool = False,
    progress: Callable[[History], None] | None = None,
) -> tuple[SweepPoint, ...]:
    """Train on several fractions of the training songs; validation and test songs are the same for all.

    Parameters
    ----------
    data : TaskBlocks or path-like
        Task data.
    settings : TrainingSettings
        How each is trained; its own fraction does not count.
    fractions : sequence of float
        Each above 0, up to 1. A smaller part is within a larger one.
    output : path-like
        The ONNX file of the largest fraction. Those of the others go into the folder ``NAME.training`` beside it; what an
        earlier run has finished is kept.
    restart : bool
        Begin anew, whatever is there.
    progress : callable, optional
        Told the history of the training at hand after each epoch.

    Returns
    -------
    tuple of SweepPoint
        From the smallest fraction to the largest. Where the loss of one was not a number after its first epoch, its
        results say so (``stopped``), and the others are trained all the same.

    Raises
    ------
    ParameterError
        If there are fewer than two fractions, or one stands twice; and as `mixrules.learning.training.loop.train` does.
    """
    from mixrules.learning.training.loop import train_as_far_as_possible

    if len(fractions) < 2 or len(set(fractions)) < len(fractions):
        raise ParameterError(f"a sweep needs two or more fractions, each once, got {list(fractions)}")
    each = [dataclasses.replace(settings, fraction=fraction) for fraction in sorted(fractions)]
    data = data if isinstance(data, TaskBlocks) else read_task_blocks(data)
    model = as_path(output, name="output")
    points = []
    for number, part in enumerate(each, start=1):
        path = model if number == len(each) else training_folder(model) / f"fraction-{part.fraction:g}.onnx"
        results = train_as_far_as_possible(
            data, part, path, restart=restart, reuse=not restart, progress=progress
        )
        history = read_history(training_folder(path) / HISTORY)
        points.append(SweepPoint(fraction=part.fraction, results=results, history=history, model=path))
    return tuple(points)
