"""Answers as a network would give them, written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixrules.learning.prediction.model_rules import task_outputs
from mixrules.learning.prediction.song_answers import SongAnswers

BLOCK_S = 65_536 / 44_100


def answers(
    task: str, *snippets: Sequence[float], model: str = "", medians: Sequence[float] = ()
) -> SongAnswers:
    """Return the answers to some snippets of a song, one after the other."""
    outputs = task_outputs(task)
    return SongAnswers(
        model=model or f"{task}.onnx",
        task=task,
        outputs=tuple(output.name for output in outputs),
        units=tuple(output.unit for output in outputs),
        starts_s=BLOCK_S * np.arange(len(snippets), dtype=np.float64),
        values=np.array(snippets, np.float64).reshape(len(snippets), len(outputs)),
        constants=tuple(medians) or None,
    )


def room(**numbers: float) -> SongAnswers:
    """Return the answers of a reverb's network: of task ``reverb``, or of ``reverb-2022`` where they have a wet share."""
    task = "reverb-2022" if "wet_share" in numbers else "reverb"
    return answers(task, [numbers[output.name] for output in task_outputs(task)])


ROOM = {
    "t60_s": 1.2,
    "room_size_m": 12.0,
    "low_cut_hz": 120.0,
    "high_cut_hz": 9000.0,
    "pre_delay_ms": 20.0,
    "low_shelf_db_per_s": -5.0,
    "high_shelf_db_per_s": -20.0,
    "wet_db": -12.0,
}
"""A room as task ``reverb`` describes it."""

ROOM_2022 = {
    "room_size_m": 14.5,
    "t60_s": 1.7,
    "low_shelf_hz": 102.0,
    "low_shelf_q": 0.53,
    "low_shelf_db_per_s": -2.1,
    "high_shelf_hz": 9000.0,
    "high_shelf_q": 0.77,
    "high_shelf_db_per_s": -16.0,
    "fade_in_s": 0.1,
    "wet_share": 0.2,
}
"""A room as task ``reverb-2022`` describes it."""
