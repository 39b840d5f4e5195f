"""Models in ONNX files: opened and asked with onnxruntime alone.

A file of ours holds its `ModelDescription`. A network of somebody else's gets one by `describe_model`; then it is opened
like ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import as_path
from mixrules._support.installed import require_installed
from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE
from mixrules.errors import AudioError, AudioFileError, PlanError
from mixrules.files import cannot_read
from mixrules.learning.model_files.model_description import METADATA_KEY, ModelDescription, description_of

_BATCH = 32  # blocks; at width 64 the first convolution of so many takes 64 MiB
_SHAPE_IN_WORDS = f"(blocks, {', '.join(map(str, BLOCK_SHAPE))})"

_PREFIX = re.compile(r"\[ONNXRuntimeError\] : \d+ : \w+ : (Load model from .* failed:)?")


class Model:
    """A model in an ONNX file, opened. It can go to other processes, which open the file again, and to threads.

    Parameters
    ----------
    path : Path
        The file.
    session : onnxruntime.InferenceSession
        What onnxruntime made of it.
    description : ModelDescription
        What the file says of itself.

    Attributes
    ----------
    path : Path
        The file.
    description : ModelDescription
        What the file says of itself.

    Raises
    ------
    AudioFileError
        If its input is not of mel blocks, or its output not the numbers that its description names.
    """

    def __init__(self, path: Path, session: Any, description: ModelDescription) -> None:
        self.path, self.description = path, description
        self._session = session
        self._batch = _BATCH if _input_blocks(path, session) is None else 1
        _check_output(path, session, description)

    @property
    def name(self) -> str:
        """What to call it: as its description says, or its file."""
        return self.description.name or self.path.name

    def answers(self, mel: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return the answers for each mel block, in the units of the description.

        Parameters
        ----------
        mel : ndarray, shape (blocks, 2, 128, 64)
            Power in mel bands of backing and vocal, as task data holds it. There may be no blocks.

        Returns
        -------
        ndarray of float64, shape (blocks, outputs)
            Their mean over the blocks of a song is the song's answer.

        Raises
        ------
        AudioError
            If the blocks have another shape, or hold NaN, infinity or negative power.
        AudioFileError
            If an answer is NaN or infinite, or the network fails.
        """
        blocks = _checked(mel)
        answers = np.zeros((len(blocks), len(self.description.outputs)))
        for first in range(0, len(blocks), self._batch):
            part = blocks[first : first + self._batch]
            answers[first : first + len(part)] = self._run(part)
        bad = ~np.isfinite(answers)
        if bad.any():
            block, output = np.argwhere(bad)[0]
            raise AudioFileError(
                f"{self.path} answers {answers[block, output]} for {self.description.outputs[output]} of block {block}: "
                "finite numbers are needed"
            )
        return answers

    def _run(self, blocks: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        with _one_line(f"{self.path} fails on {len(blocks)} mel blocks"):
            (answers,) = self._session.run(None, {self._session.get_inputs()[0].name: blocks})
        needed = (len(blocks), len(self.description.outputs))
        if np.shape(answers) != needed:
            raise AudioFileError(f"{self.path} answers in shape {np.shape(answers)}, {needed} is needed")
        return np.asarray(answers)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_model, (self.path.absolute(),)  # the other process may be somewhere else


def open_model(path: str | os.PathLike[str]) -> Model:
    """Open a model that `mixrules train` wrote or `describe_model` described.

    Parameters
    ----------
    path : path-like
        An ONNX file.

    Returns
    -------
    Model

    Raises
    ------
    AudioFileError
        If it cannot be read, is no ONNX file, has no description of ours or one of a newer version, or a network of
        another input or output.
    MissingPackageError
        If onnxruntime is not installed.
    """
    path = as_path(path)
    session = open_session(path)
    description = found_description(path, session)
    if description is None:
        raise AudioFileError(
            f"{path} is an ONNX file without a description of mixrules: mixrules train writes it, "
            "mixrules.learning.describe_model gives one to a network of your own"
        )
    return Model(path, session, description)


def open_session(path: Path) -> Any:
    """Return an ONNX file opened by onnxruntime: on the CPU, in one thread.

    Raises
    ------
    AudioFileError
        If it cannot be read or is no ONNX file.
    MissingPackageError
        If onnxruntime is not installed.
    """
    require_installed("onnxruntime", what="a model's file")
    _check_readable(path)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # what goes wrong is raised; it is not printed besides
    with _one_line(f"{path} is not an ONNX file that onnxruntime {onnxruntime.__version__} can open"):
        return onnxruntime.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])


def found_description(path: Path, session: Any) -> ModelDescription | None:
    """Return what an opened file says of itself, None where it says nothing; fails with `AudioFileError`."""
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    try:
        return None if text is None else description_of(text, f"the description in {path}")
    except PlanError as error:
        raise AudioFileError(str(error)) from None


def _check_readable(path: Path) -> None:
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise AudioFileError(f"{path} is a device or a pipe, an ONNX file is needed")
    try:
        with open(path, "rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise cannot_read(path, error) from error
    if empty:
        raise AudioFileError(f"{path} is empty, an ONNX file is needed")


@contextmanager
def _one_line(what: str) -> Iterator[None]:
    """Raise what onnxruntime raises as one line; it has no common class of its own for that."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        said = "it is of another kind, or cut short" if "INVALID_PROTOBUF" in said else _PREFIX.sub("", said)
        raise AudioFileError(f"{what}: {said}") from error


def _input_blocks(path: Path, session: Any) -> int | None:
    """Return the number of blocks that the input is fixed to, None where it is free; raise where it is another input."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise AudioFileError(f"{path} has {len(inputs)} inputs, one of shape {_SHAPE_IN_WORDS} is needed")
    shape, kind = inputs[0].shape, inputs[0].type
    fits = len(shape) == 4 and all(
        not isinstance(size, int) or size == needed
        for size, needed in zip(shape[1:], BLOCK_SHAPE, strict=True)
    )
    if not fits or kind != "tensor(float)":
        raise AudioFileError(
            f"{path} reads {kind} of shape {_in_words(shape)}, mel blocks are tensor(float) of shape {_SHAPE_IN_WORDS}"
        )
    blocks = shape[0] if isinstance(shape[0], int) else None
    if blocks not in (None, 1):
        raise AudioFileError(
            f"{path} reads {blocks} blocks at a time: export it with a free first axis, or for 1 block"
        )
    return blocks


def _check_output(path: Path, session: Any, description: ModelDescription) -> None:
    found, outputs = session.get_outputs(), len(description.outputs)
    if len(found) != 1:
        raise AudioFileError(
            f"{path} has {len(found)} outputs, task {description.task} needs one of shape (blocks, {outputs})"
        )
    shape, kind = found[0].shape, found[0].type
    fits = len(shape) in (0, 2) and (not shape or not isinstance(shape[1], int) or shape[1] == outputs)
    if not fits or kind not in ("tensor(float)", "tensor(double)"):
        raise AudioFileError(
            f"{path} answers {kind} of shape {_in_words(shape)}, task {description.task} needs tensor(float) of shape "
            f"(blocks, {outputs})"
        )


def _in_words(shape: list[Any]) -> str:
    return f"({', '.join(str(size or '?') for size in shape)})"


def _checked(mel: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Return mel blocks as the network reads them, or raise `AudioError`."""
    if not isinstance(mel, np.ndarray) or mel.dtype.kind != "f" or mel.shape[1:] != BLOCK_SHAPE:
        found = f"{mel.dtype} of shape {mel.shape}" if isinstance(mel, np.ndarray) else type(mel).__name__
        raise AudioError(f"mel is {found}: pass an array of floats of shape {_SHAPE_IN_WORDS}")
    with np.errstate(over="ignore"):  # what is too large for 32 bits is refused as infinite
        blocks = np.ascontiguousarray(mel, np.float32)
    bad = ~(np.isfinite(blocks) & (blocks >= 0.0))
    if bad.any():
        block = int(np.argwhere(bad)[0][0])
        raise AudioError(f"mel block {block} holds {blocks[bad][0]}: power is finite and not negative")
    return blocks
