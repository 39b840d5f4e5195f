"""What a network is worth: its errors beside those of the constants, on each split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.learning.training.blocks import Blocks, TaskBlocks
from mixrules.learning.training.chosen_blocks import ChosenBlocks
from mixrules.learning.training.history import History, Spread, error_unit
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.scores import NETWORK, against_constant, both_errors, split_errors
from mixrules.learning.training.settings import TrainingSettings

Floats = npt.NDArray[np.float64]


def history_without_epochs(data: TaskBlocks, chosen: ChosenBlocks, settings: TrainingSettings) -> History:
    """Return what each epoch is held against: the truth of the validation songs, and the constants' errors on them."""
    errors = {
        name: both_errors(constant, chosen.validation, chosen.error_scale)
        for name, constant in chosen.constants().items()
    }
    part = f", {settings.fraction:g} of the training songs" if settings.fraction < 1.0 else ""
    return History(
        task=settings.task,
        title=f"{settings.network}{part}",
        outputs=data.outputs,
        units=data.units,
        training_songs=_songs(chosen.train),
        truth=Spread.of(chosen.validation.targets),
        constants_by_snippet={name: by_snippet for name, (by_snippet, _) in errors.items()},
        judged_by=settings.judged_by,
        constants_by_song={name: by_song for name, (_, by_song) in errors.items()},
    )


def judged(
    data: TaskBlocks,
    chosen: ChosenBlocks,
    settings: TrainingSettings,
    answers: Mapping[str, Floats],
    **said: Any,
) -> TrainingResults:
    """Return the results of a trained network.

    Parameters
    ----------
    data : TaskBlocks
        The task data.
    chosen : ChosenBlocks
        What was used of it.
    settings : TrainingSettings
        How it was trained.
    answers : mapping of str to ndarray, shape (blocks, outputs)
        Its answers to the blocks of each split of `ChosenBlocks.judged`.
    **said
        What else `TrainingResults` holds: versions, device, parameters, epochs.
    """
    constants = chosen.constants()
    errors = [
        found
        for split, blocks in chosen.judged().items()
        for found in split_errors(
            split, {NETWORK: answers[split], **constants}, blocks, data.outputs, chosen.error_scale
        )
    ]
    better, test = against_constant(
        answers["test"], constants, chosen.test, chosen.error_scale, settings.judged_by
    )
    parts = {"train": chosen.train, "validation": chosen.validation, "test": chosen.test}
    return TrainingResults(
        settings=settings,
        outputs=data.outputs,
        units=data.units,
        error_unit=error_unit(data.units),
        data_hash=data.data_hash,
        blocks={split: len(blocks) for split, blocks in parts.items()},
        songs={split: _songs(blocks) for split, blocks in parts.items()},
        left_out=chosen.left_out,
        constants={
            name: dict(zip(data.outputs, map(float, constant), strict=True))
            for name, constant in constants.items()
        },
        errors=tuple(errors),
        better_constant=better,
        against_constant=test,
        notes=chosen.notes,
        **said,
    )


def _songs(blocks: Blocks) -> int:
    return len(np.unique(blocks.songs))
