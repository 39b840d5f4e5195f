"""The models of a run, as files: what is known of each before it is opened, in whichever process that is."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files.hashing import add_content
from mixrules.learning.prediction.model_answers import AnsweringModel, answering_file


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model in an ONNX file, before it is opened. Small, since it goes to other processes.

    Attributes
    ----------
    path : Path
        The file, made absolute: another process may be somewhere else.
    task : str
        What it answers.
    name : str
        What sentences call it.
    sha256 : str
        Of what the file holds.
    reads_level : bool
        Whether it sees the level that it answers.
    verdict : str
        Its error on the test songs beside that of a constant, where that is known.
    """

    path: Path
    task: str
    name: str
    sha256: str
    reads_level: bool
    verdict: str

    @classmethod
    def of(cls, path: str | Path) -> ModelFile:
        """Open a model and keep what is known of it; errors as of `answering_file`."""
        model = answering_file(path)
        return cls(
            Path(path).absolute(),
            model.task,
            model.name,
            _sha256(Path(path)),
            model.reads_level,
            model.verdict,
        )

    def opened(self) -> AnsweringModel:
        """Return the model, opened once in each process; fails with `AudioFileError` where it is another by now."""
        return _opened(self)


@functools.lru_cache(maxsize=8)
def _opened(file: ModelFile) -> AnsweringModel:
    if _sha256(file.path) != file.sha256:
        raise AudioFileError(f"{file.path} is no longer the model that the run began with: begin again")
    return answering_file(file.path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    add_content(digest, path)
    return digest.hexdigest()
