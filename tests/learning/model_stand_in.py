"""Models without onnxruntime: a file that holds a task and numbers, which a function answers for each block."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mixrules.learning import prediction
from mixrules.learning.asking import Asked

if TYPE_CHECKING:
    import pytest


def write_numbers(path: Path, task: str, *numbers: float) -> Path:
    """Write a model that answers the same for every block, and a tenth more for every second one."""
    path.write_text(" ".join([task, *map(str, numbers)]), encoding="utf-8")
    return path


def asked_numbers(path: str | Path) -> Asked:
    """Open such a model."""
    task, *numbers = Path(path).read_text(encoding="utf-8").split()

    def answers(mel: np.ndarray) -> np.ndarray:
        second = 0.1 * (np.arange(len(mel))[:, np.newaxis] % 2)
        return np.asarray(np.array([float(number) for number in numbers]) + second)

    return Asked(name=Path(path).name, task=task, answers=answers)


def open_numbers(patch: pytest.MonkeyPatch) -> None:
    """Let such files be opened instead of ONNX files."""
    prediction._opened.cache_clear()
    patch.setattr(prediction, "asked_file", asked_numbers)
