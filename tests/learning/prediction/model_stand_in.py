"""Models without onnxruntime: a file that holds a task and numbers, which a function answers for each block."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mixrules.learning.prediction import chosen_models
from mixrules.learning.prediction.model_answers import AnsweringModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


def write_numbers(
    path: Path, task: str, *numbers: float, reads_level: bool = False, trained_on: Sequence[str] = ()
) -> Path:
    """Write a model that answers the same for every block, and a tenth more for every second one."""
    path.write_text(json.dumps([task, numbers, reads_level, trained_on]), encoding="utf-8")
    return path


def answering_numbers(path: str | Path) -> AnsweringModel:
    """Open such a model."""
    task, numbers, reads_level, trained_on = json.loads(Path(path).read_text(encoding="utf-8"))

    def answers(mel: np.ndarray) -> np.ndarray:
        second = 0.1 * (np.arange(len(mel))[:, np.newaxis] % 2)
        return np.asarray(np.array(numbers, np.float64) + second)

    return AnsweringModel(
        name=Path(path).name,
        task=task,
        answers=answers,
        reads_level=reads_level,
        was_trained_on=lambda song: song in trained_on,
    )


def open_numbers(patch: pytest.MonkeyPatch) -> None:
    """Let such files be opened instead of ONNX files."""
    chosen_models._opened.cache_clear()
    patch.setattr(chosen_models, "answering_file", answering_numbers)
