"""What a trained network's file says of itself."""

from __future__ import annotations

import numpy as np

from mixrules.learning.model_files.model_description import ModelDescription
from mixrules.learning.model_files.training_songs import TrainingSongs
from mixrules.learning.training.chosen_blocks import ChosenBlocks
from mixrules.learning.training.results import TrainingResults


def description_of(results: TrainingResults, chosen: ChosenBlocks) -> ModelDescription:
    """Return the description of the network that a training has kept, and of the songs that it has seen."""
    settings = results.settings
    chose_epoch = () if settings.switches.fixed_epoch else (chosen.validation,)
    seen = (name for blocks in (chosen.train, *chose_epoch) for name in blocks.named(np.arange(len(blocks))))
    return ModelDescription(
        task=settings.task,
        network=settings.network,
        switches=settings.switches.on(),
        levels=settings.levels,
        parameters=results.parameters,
        medians=tuple(results.constants["median"][output] for output in results.outputs),
        verdict=results.verdict(),
        training_songs=TrainingSongs.of(seen),
        seed=settings.seed,
        data_hash=results.data_hash,
        versions=results.versions,
    )
