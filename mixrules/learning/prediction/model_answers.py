"""What models answer for a song: an ONNX file, or a function of one's own, gets the mel blocks and answers for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_mapping, shown_value
from mixrules._support.wording import listed
from mixrules.errors import ParameterError, StemsError, in_one_line
from mixrules.learning.model_files.model_file import Model, open_model
from mixrules.learning.prediction.model_rules import task_outputs
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.stems import Stems
from mixrules.stems.song_description import SongDescription

if TYPE_CHECKING:
    from mixrules.learning.prediction.song_blocks import MelBatch

Answering = Callable[[npt.NDArray[np.float32]], npt.ArrayLike]
"""Mel blocks, shape (blocks, 2, 128, 64), to answers, shape (blocks, outputs)."""
GivenModel = Answering | Model | str | os.PathLike[str]
"""A function, or an ONNX file: its path, or opened by `open_model`."""


def _unknown(song: str) -> None:
    """Return None: it is not known which songs a function has learnt from."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnsweringModel:
    """A model that answers for songs.

    Attributes
    ----------
    name : str
        What sentences call it.
    task : str
        What it answers.
    answers : callable
        Mel blocks, shape (blocks, 2, 128, 64), to answers, shape (blocks, outputs), in the units of the task.
    constants : tuple of float or None
        The median of its training targets, for each output, where that is known.
    reads_level : bool
        Whether it sees the level that it answers: a meter of the balance that it is given.
    verdict : str
        Its error on the test songs beside that of a constant, in one line; empty where that is not known.
    was_trained_on : callable
        The name of a song to whether the model has learnt from it; None where that is not known.
    """

    name: str
    task: str
    answers: Answering
    constants: tuple[float, ...] | None = None
    reads_level: bool = False
    verdict: str = ""
    was_trained_on: Callable[[str], bool | None] = _unknown

    def answers_for(self, mel: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the answers for some mel blocks, checked.

        Raises
        ------
        ParameterError
            If they are no numbers, or not a row for each block and a column for each output.
        """
        outputs = [output.name for output in task_outputs(self.task)]
        given = self.answers(mel)
        try:
            values = np.asarray(given, np.float64)
        except (TypeError, ValueError):
            raise ParameterError(f"{self.name} answers {shown_value(given)}, numbers are needed") from None
        if values.shape == (len(mel),) and len(outputs) == 1:
            values = values[:, np.newaxis]
        if values.shape != (len(mel), len(outputs)):
            raise ParameterError(
                f"{self.name} answers shape {values.shape} for {len(mel)} mel blocks, {(len(mel), len(outputs))} is "
                f"needed: a column for each of {', '.join(outputs)}"
            )
        return values


def answering_file(path: str | os.PathLike[str]) -> AnsweringModel:
    """Return the model in an ONNX file; errors as of `open_model`, and where it takes the place of no rule."""
    return answering_model(open_model(path))


def answering_model(model: Model) -> AnsweringModel:
    """Return an opened model as one that answers; fails with `ParameterError` where it takes the place of no rule."""
    described = model.description
    try:
        task_outputs(described.task)
    except ParameterError as error:
        raise ParameterError(f"{model.name}: {error}") from None
    return AnsweringModel(
        name=model.name,
        task=described.task,
        answers=model.answers,
        constants=described.medians,
        reads_level=described.reads_level,
        verdict=described.verdict,
        was_trained_on=described.was_trained_on,
    )


def answering_models(models: Mapping[str, GivenModel]) -> list[AnsweringModel]:
    """Return models by the task that each answers: functions, or paths of ONNX files.

    Raises
    ------
    ParameterError
        If there is no such task, a model is neither, or a file is for another task.
    """
    require_mapping(models, name="models", what="from a task to a function or an ONNX file")
    return [_answering(task, model) for task, model in models.items()]


def _answering(task: str, model: Any) -> AnsweringModel:
    task_outputs(task)
    if callable(model):
        name = getattr(model, "__name__", type(model).__name__)
        return AnsweringModel(name=name, task=task, answers=model)
    if not isinstance(model, Model | str | os.PathLike):
        raise ParameterError(f"a model is a function or the path of an ONNX file, got {shown_value(model)}")
    answering = answering_model(model) if isinstance(model, Model) else answering_file(model)
    if answering.task != task:
        raise ParameterError(f"{answering.name} is for task {answering.task}, not for {task}")
    return answering


def answers_for_blocks(models: Sequence[AnsweringModel], batches: Iterable[MelBatch]) -> list[SongAnswers]:
    """Return what models answer about a song; its blocks are gone through once.

    Parameters
    ----------
    models : sequence of AnsweringModel
        The models.
    batches : iterable of MelBatch
        The mel blocks of the song, from `mel_blocks_of`; each model gets those that data of its task would hold.

    Returns
    -------
    list of SongAnswers
        In the order of the models.
    """
    starts: list[list[npt.NDArray[np.float64]]] = [[np.zeros(0)] for _ in models]
    values = [[np.zeros((0, len(task_outputs(model.task))))] for model in models]
    for batch in batches:
        for number, model in enumerate(models):
            blocks = batch.of_task(model.task)
            if len(blocks.mel):
                starts[number].append(blocks.starts_s)
                values[number].append(model.answers_for(blocks.mel))
    return [
        SongAnswers(
            model=model.name,
            task=model.task,
            outputs=tuple(output.name for output in task_outputs(model.task)),
            units=tuple(output.unit for output in task_outputs(model.task)),
            starts_s=np.concatenate(starts[number]),
            values=np.concatenate(values[number]),
            constants=model.constants,
        )
        for number, model in enumerate(models)
    ]


def answers_for_song(
    models: Sequence[AnsweringModel], song: SongDescription | Stems
) -> tuple[list[SongAnswers], str]:
    """Return what models answer about a song, and a note where one has no answer.

    Parameters
    ----------
    models : sequence of AnsweringModel
        The models.
    song : SongDescription or Stems
        The song.

    Returns
    -------
    answers : list of SongAnswers
        Of the models that have any.
    note : str
        Why the rules decide alone, by song or by model; empty where every model has answered.

    Raises
    ------
    AudioFileError
        If a file cannot be read.
    ParameterError
        If a model does not answer as it should.
    """
    from mixrules.learning.prediction.song_blocks import mel_blocks_of

    names = listed([model.name for model in models])
    try:
        answers = answers_for_blocks(models, mel_blocks_of(song))
    except StemsError as error:
        return [], f"no answer from {names}, so that the rules decide: {in_one_line(str(error))}"
    silent = [each.model for each in answers if not len(each.values)]
    if not silent:
        return answers, ""
    why = "no snippet has a vocal and a backing"
    return [
        each for each in answers if len(each.values)
    ], f"no answer from {listed(silent)}, so that the rules decide: {why}"
