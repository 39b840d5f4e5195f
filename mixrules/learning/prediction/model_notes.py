"""What a plan notes of a model's answers that its numbers do not show: a level that is only read, a song seen before."""

from __future__ import annotations

from collections.abc import Sequence

from mixrules.learning.prediction.model_answers import AnsweringModel
from mixrules.learning.prediction.song_answers import SongAnswers


def reads_level_note(model: str) -> str:
    """Return what is noted where a model sees the level that it answers."""
    return f"{model} was trained to read the level as given; it does not decide how loud the vocal should be"


def trained_on_note(model: str) -> str:
    """Return what is noted where a model has learnt from the song."""
    return f"{model} was trained on this song; its answer does not show what it predicts of a song that it has not seen"


def trained_on(
    models: Sequence[AnsweringModel], answers: Sequence[SongAnswers], song: str
) -> list[AnsweringModel]:
    """Return the models that have answered for a song and learnt from it, by its name in the data set."""
    return [model for model in _answered(models, answers) if model.was_trained_on(song)]


def level_notes(models: Sequence[AnsweringModel], answers: Sequence[SongAnswers]) -> list[str]:
    """Return a note on each model that has answered a level which it sees."""
    return [reads_level_note(model.name) for model in _answered(models, answers) if model.reads_level]


def _answered(models: Sequence[AnsweringModel], answers: Sequence[SongAnswers]) -> list[AnsweringModel]:
    tasks = {each.task for each in answers}
    return [model for model in models if model.task in tasks]
