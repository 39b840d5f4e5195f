"""What a model's file says of itself: what it answers, in which units, how it was trained and how far off it was."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixrules._support.arguments import is_finite, require_known, shown_value
from mixrules._support.strict_json import converted, decoded
from mixrules.corpus.tasks.settings import CONSTANTS, TASKS, DatasetSettings, make_task
from mixrules.errors import ParameterError, PlanError
from mixrules.learning.model_files.training_songs import TrainingSongs
from mixrules.learning.network.mel_inputs import LEVELS

FORMAT, FORMAT_VERSION = "mixrules-model", 1
METADATA_KEY = "mixrules"
"""Under which an ONNX file's metadata holds the description, as JSON."""

_HIDES_LEVELS = {"power_input", "time_normalization"}  # together: a gain cancels out of power over its norm


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDescription:
    """What is known of a model besides its network.

    Attributes
    ----------
    task : str
        What it was trained for: one of the tasks of task data.
    name : str
        What to call it; empty for the name of its file.
    outputs, units : tuple of str
        What it answers, in order, and in which units: those of the task, which they are where they are left out.
    network : str
        ``"corrected"`` or ``"faithful"``; empty for a network that is not ours.
    switches : tuple of str
        Which of the old ways of 2022 it goes.
    levels : {"given", "hidden"}
        Whether it sees by how much the vocal is louder than the backing.
    parameters : int or None
        How many numbers it has learnt.
    medians : tuple of float, optional
        Of its training targets, for each output: the constants that it is to be compared with.
    verdict : str
        Its error on the test songs beside that of a constant, in one line; empty where it was not tested.
    training_songs : TrainingSongs or None
        Which songs it has seen in training, where that is known.
    seed : int or None
        What chance was drawn from in its training.
    data_hash : str
        SHA-256 of the ``dataset.json`` that it was trained on.
    versions : dict of str to str
        Of the packages that it was trained with.
    mel : dict
        The constants of the spectrogram that it reads, as ``dataset.json`` has them.

    Raises
    ------
    ParameterError
        If the task is not known, or something does not fit it.
    """

    task: str
    name: str = ""
    outputs: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    network: str = ""
    switches: tuple[str, ...] = ()
    levels: str = "given"
    parameters: int | None = None
    medians: tuple[float, ...] | None = None
    verdict: str = ""
    training_songs: TrainingSongs | None = None
    seed: int | None = None
    data_hash: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    mel: dict[str, Any] = field(default_factory=lambda: dict(CONSTANTS))

    def __post_init__(self) -> None:
        require_known(self.task, TASKS, what="task")
        require_known(self.levels, LEVELS, what="choice for levels")
        outputs = make_task(DatasetSettings(task=self.task)).outputs
        for what, known in (
            ("outputs", tuple(output.name for output in outputs)),
            ("units", tuple(output.unit for output in outputs)),
        ):
            given = tuple(getattr(self, what)) or known
            if given != known:
                raise ParameterError(
                    f"{what} must be those of task {self.task}, {', '.join(known)}, got {', '.join(given)}"
                )
            object.__setattr__(self, what, known)
        self._check_medians()
        if self.mel != CONSTANTS:
            differing = [name for name in CONSTANTS if self.mel.get(name) != CONSTANTS[name]]
            what = differing[0] if differing else next(name for name in self.mel if name not in CONSTANTS)
            raise ParameterError(
                f"mel has {what} {shown_value(self.mel.get(what))}, task data {shown_value(CONSTANTS.get(what))}"
            )

    def _check_medians(self) -> None:
        values = self.medians
        if values is None:
            return
        listed = values if isinstance(values, tuple | list | np.ndarray) else ()
        if len(listed) != len(self.outputs) or not all(is_finite(value) for value in listed):
            raise ParameterError(
                f"medians must be a finite number for each of {len(self.outputs)} outputs, got {shown_value(values)}"
            )
        object.__setattr__(self, "medians", tuple(map(float, listed)))

    @property
    def reads_level(self) -> bool:
        """Whether it answers the vocal's level and sees it: a meter of the balance that it is given, no decision."""
        hidden = self.levels == "hidden" or set(self.switches) >= _HIDES_LEVELS
        return self.task == "level" and not hidden

    def was_trained_on(self, song_name: str) -> bool | None:
        """Return whether it has seen a song of that name in training; None where that is not known."""
        return None if self.training_songs is None else self.training_songs.holds(song_name)

    def in_json(self) -> str:
        """Return the description as the metadata of an ONNX file holds it; equal ones give equal text."""
        import msgspec

        plain = {"format": FORMAT, "format_version": FORMAT_VERSION, **dataclasses.asdict(self)}
        return msgspec.json.encode(plain, order="deterministic").decode()


def description_of(text: str, source: str) -> ModelDescription:
    """Return the description that JSON holds.

    Parameters
    ----------
    text : str
        What `ModelDescription.in_json` returned.
    source : str
        What to call it in an error message.

    Raises
    ------
    PlanError
        If it is not one, or one of a newer version: one line that names `source`.
    """
    document = decoded(text, source)
    found = document.pop("format", None) if isinstance(document, dict) else None
    if found != FORMAT:
        raise PlanError(f"{source} is of format {shown_value(found)}, {FORMAT} is needed")
    version = document.pop("format_version", None)
    if version != FORMAT_VERSION:
        raise PlanError(
            f"{source} is of version {shown_value(version)} of {FORMAT}, this mixrules reads {FORMAT_VERSION}: "
            "a newer one may read it"
        )
    return converted(document, ModelDescription, path="$", source=source)
