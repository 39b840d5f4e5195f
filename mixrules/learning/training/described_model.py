"""What a trained network's file says of itself."""

from __future__ import annotations

from mixrules.learning.error_pair import ErrorPair
from mixrules.learning.model_files.model_description import ModelDescription
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.scores import NETWORK


def description_of(results: TrainingResults) -> ModelDescription:
    """Return the description of the network that a training has kept."""
    settings = results.settings
    by_snippet, by_song = (results.of("test", by, NETWORK) for by in ("snippet", "song"))
    means, medians = (
        tuple(results.constants[name][output] for output in results.outputs) for name in ("mean", "median")
    )
    return ModelDescription(
        task=settings.task,
        network=settings.network,
        switches=settings.switches.on(),
        levels=settings.levels,
        parameters=results.parameters,
        means=means,
        medians=medians,
        test_by_snippet=ErrorPair(mae=by_snippet.mae.mean, rmse=by_snippet.rmse.mean),
        test_by_song=ErrorPair(mae=by_song.mae.mean, rmse=by_song.rmse.mean),
        test_songs=by_song.songs,
        seed=settings.seed,
        data_hash=results.data_hash,
        versions=results.versions,
    )
