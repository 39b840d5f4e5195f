"""A network of one's own beside ours: its ONNX file gets the description that `open_model` asks for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from mixrules._support.arguments import as_path, require_text
from mixrules._support.installed import require_installed
from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE
from mixrules.errors import AudioFileError
from mixrules.files import atomic_path
from mixrules.learning.model_files.model_description import METADATA_KEY, ModelDescription
from mixrules.learning.model_files.model_file import Model, found_description, open_model, open_session

_TRIED_BLOCKS = 3


def describe_model(
    path: str | os.PathLike[str],
    *,
    task: str,
    name: str = "",
    levels: str = "given",
    medians: Sequence[float] | None = None,
) -> Model:
    """Write into an ONNX file what it answers, so that it can be used wherever a model of ours can.

    The network has one input: power in mel bands as task data holds it, float32 of shape (blocks, 2, 128, 64), backing
    first. Its first axis is free, or 1. It has one output, (blocks, outputs): for each block by itself the numbers
    of the task, in its units. A logarithm, a standardisation of the targets or another order of the axes thus belong into
    the network that is exported: put it into a ``torch.nn.Module`` that does them before and after.

    Parameters
    ----------
    path : path-like
        The file, which is replaced. Weights that lie in files of their own stay there.
    task : str
        What it answers: a task of task data, such as ``"level"``.
    name : str
        What plans and reports are to call it; empty for the name of its file.
    levels : {"given", "hidden"}
        Whether it sees by how much the vocal is louder than the backing. Of a model for task ``level`` that does, plans
        say that it reads the level rather than deciding it.
    medians : sequence of float, optional
        Of the targets that it was trained on, for each output: the constants that it is compared with.

    Returns
    -------
    Model
        The file, opened.

    Raises
    ------
    ParameterError
        If there is no such task, or the constants do not fit its outputs.
    AudioFileError
        If the file cannot be read or written, is no ONNX file, has another input or output, answers NaN, or was written
        by `mixrules train`, which has described it.
    MissingPackageError
        If onnx or onnxruntime is not installed.

    Examples
    --------
    A network in PyTorch that reads dB::

        class Mine(torch.nn.Module):
            def __init__(self, network):
                super().__init__()
                self.network = network

            def forward(self, mel):
                return self.network(10.0 * torch.log10(mel + 1e-9))

        torch.onnx.export(
            Mine(network).eval(), (torch.rand(2, 2, 128, 64),), "mine.onnx", input_names=["mel"],
            dynamic_axes={"mel": {0: "blocks"}}, dynamo=False,
        )
        model = describe_model("mine.onnx", task="level", name="mine")
    """
    path = as_path(path)
    for value, what in ((task, "task"), (name, "name"), (levels, "levels")):
        require_text(value, name=what)
    require_installed("onnx", "onnxruntime", what="the description of a model")
    description = ModelDescription(
        task=task,
        name=name,
        levels=levels,
        medians=cast("tuple[float, ...] | None", medians),  # which checks them
    )
    session = open_session(path)
    found = found_description(path, session)
    if found is not None and found.network:
        raise AudioFileError(
            f"{path} was written by mixrules train, with a description for task {found.task}: it needs no other one"
        )
    Model(path, session, description).answers(_tried_blocks())
    _write_description(path, description)
    return open_model(path)


def _tried_blocks() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return mel blocks of noise, to see what a network answers."""
    power = np.random.default_rng(0).exponential(size=(_TRIED_BLOCKS, *BLOCK_SHAPE))
    return power.astype(np.float32)


def _write_description(path: Path, description: ModelDescription) -> None:
    import onnx

    try:
        model = onnx.load(os.fspath(path), load_external_data=False)
    except Exception as error:  # of the package that reads protocol buffers, which onnx has no name for
        raise AudioFileError(f"{path} cannot be changed: it is no ONNX file for the package onnx") from error
    props = {prop.key: prop.value for prop in model.metadata_props}
    onnx.helper.set_model_props(model, {**props, METADATA_KEY: description.in_json()})
    with atomic_path(path) as temporary:
        temporary.write_bytes(model.SerializeToString(deterministic=True))
