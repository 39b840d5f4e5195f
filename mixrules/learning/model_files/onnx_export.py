"""From a trained network to an ONNX file that describes itself.

The graph is made here, node by node, of the network's layers. torch.onnx.export could do it, but its old way warns that
it will be removed, and its new one needs another package and writes other bytes with other versions of torch. What
keeps this way right is a check: before a file is written, onnxruntime has to answer as torch does. Where that is not
installed, though training needs it, a file is written unchecked.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper
from torch import nn

from mixrules._support.arguments import as_path
from mixrules._support.installed import is_installed
from mixrules._support.version import __version__
from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE
from mixrules.errors import MixrulesError, ParameterError
from mixrules.files import atomic_path
from mixrules.learning.model_files.model_description import METADATA_KEY, ModelDescription
from mixrules.learning.network.mel_inputs import (
    FLOOR_DB,
    MIDDLE_DB,
    SPREAD_DB,
    TINY_NORM,
    TINY_POWER,
    hides_levels_of_power,
    reference_axes,
)
from mixrules.learning.network.mel_network import MelInput, MelNetwork

OPSET, _IR_VERSION = 17, 8  # of 2022: onnxruntime reads both since 1.12
_CLOSE = 1e-4  # of the largest answer
_BLOCKS_TO_CHECK = 8


def write_model(network: MelNetwork, description: ModelDescription, path: str | os.PathLike[str]) -> None:
    """Write a network to an ONNX file that is complete or absent; equal networks and descriptions give equal bytes.

    Parameters
    ----------
    network : MelNetwork
        As trained, on whichever device; it stays as it is.
    description : ModelDescription
        What the file is to say of itself.
    path : path-like
        The file.

    Raises
    ------
    ParameterError
        If the network has other outputs than the description, or NaN among what it has learnt.
    AudioFileError
        If the file cannot be written.
    MixrulesError
        If onnxruntime does not answer as torch does. Where it is not installed, that is not checked.
    """
    path = as_path(path)
    on_cpu = copy.deepcopy(network).cpu().eval()
    outputs = len(description.outputs)
    if on_cpu.linear.out_features != outputs:
        raise ParameterError(
            f"the network has {on_cpu.linear.out_features} outputs, task {description.task} has {outputs}"
        )
    for name, values in on_cpu.state_dict().items():
        if not bool(torch.isfinite(values).all()):
            raise ParameterError(f"the network holds NaN or infinity in {name}: it is not written")
    content = model_bytes(on_cpu, description)
    if is_installed("onnxruntime"):
        _check_answers(on_cpu, content)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def model_bytes(network: MelNetwork, description: ModelDescription) -> bytes:
    """Return the content of the ONNX file of a network that is on the CPU."""
    graph = _Graph()
    graph.values(network.state_dict())
    last = _add_input(graph, network.input, "mel")
    for number, layer in enumerate(network.features):
        last = _add_layer(graph, f"features.{number}", layer, last)
    last = graph.node("Gemm", last, "linear.weight", "linear.bias", transB=1)
    last = graph.node("Mul", last, "scale")
    graph.node("Add", last, "offset", output="answers")
    return graph.in_bytes(len(description.outputs), description)


class _Graph:
    """Nodes one after the other, and the numbers that they use."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._initializers: list[Any] = []

    def values(self, named: dict[str, Any]) -> None:
        """Add what a network has learnt, by its names."""
        for name, tensor in named.items():
            if not name.endswith("num_batches_tracked"):
                self._initializers.append(numpy_helper.from_array(tensor.numpy(), name))

    def constant(self, value: float) -> str:
        """Return the name of a constant."""
        name = f"constant.{value!r}"
        if name not in [tensor.name for tensor in self._initializers]:
            self._initializers.append(numpy_helper.from_array(np.array(value, np.float32), name))
        return name

    def node(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node; return the name of what it computes."""
        output = output or f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def in_bytes(self, outputs: int, description: ModelDescription) -> bytes:
        """Return the file."""
        ends = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in (("mel", ["blocks", *BLOCK_SHAPE]), ("answers", ["blocks", outputs]))
        ]
        graph = helper.make_graph(self._nodes, "mixrules", ends[:1], ends[1:], self._initializers)
        model: ModelProto = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=_IR_VERSION,
            producer_name="mixrules",
            producer_version=__version__,
        )
        helper.set_model_props(model, {METADATA_KEY: description.in_json()})
        checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def _add_input(graph: _Graph, layer: MelInput, last: str) -> str:
    """Add what `MelInput` does when nothing is trained."""
    in_db = not layer.switches.power_input
    if in_db or hides_levels_of_power(layer.switches, layer.levels):
        axes = list(reference_axes(layer.levels))
        reference = graph.node("ReduceMean", last, axes=axes, keepdims=1)
        reference = graph.node("Max", reference, graph.constant(TINY_POWER))
        last = graph.node("Div", last, reference)
    if in_db:
        last = graph.node("Max", last, graph.constant(10.0 ** (-FLOOR_DB / 10.0)))
        last = graph.node("Log", last)
        last = graph.node("Mul", last, graph.constant(10.0 / np.log(10.0)))
        last = graph.node("Sub", last, graph.constant(MIDDLE_DB))
        last = graph.node("Div", last, graph.constant(SPREAD_DB))
    if layer.switches.time_normalization:
        norm = graph.node("ReduceL2", last, axes=[3], keepdims=1)
        last = graph.node("Div", last, graph.node("Max", norm, graph.constant(TINY_NORM)))
    return graph.node("Transpose", last, perm=[0, 1, 3, 2])


def _add_layer(graph: _Graph, name: str, layer: nn.Module, last: str) -> str:
    """Add a layer of the network, by its kind."""
    if isinstance(layer, nn.Conv2d):
        return graph.node(
            "Conv", last, f"{name}.weight", f"{name}.bias", kernel_shape=list(layer.kernel_size)
        )
    if isinstance(layer, nn.BatchNorm2d):
        learnt = (f"{name}.{of}" for of in ("weight", "bias", "running_mean", "running_var"))
        return graph.node("BatchNormalization", last, *learnt, epsilon=layer.eps)
    if isinstance(layer, nn.ReLU):
        return graph.node("Relu", last)
    if isinstance(layer, nn.MaxPool2d):
        size = [layer.kernel_size] * 2
        return graph.node("MaxPool", last, kernel_shape=size, strides=size)
    if isinstance(layer, nn.Flatten):
        return graph.node("Flatten", last)
    raise ParameterError(f"{name} is a layer {type(layer).__name__}, which is not exported")


def _blocks_to_check() -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
    """Yield mel blocks that differ in all that matters: levels over many decades, a silent channel, silence."""
    rng = np.random.default_rng(0)
    for number in range(_BLOCKS_TO_CHECK):
        block = 10.0 ** rng.uniform(-8.0, 4.0, BLOCK_SHAPE)
        block[: max(0, number - _BLOCKS_TO_CHECK + 3)] = 0.0
        yield block.astype(np.float32)


def _check_answers(network: MelNetwork, content: bytes) -> None:
    """Raise `MixrulesError` where onnxruntime answers something else than torch."""
    import onnxruntime

    mel = np.stack(list(_blocks_to_check()))
    with torch.no_grad():
        expected = network(torch.from_numpy(mel)).numpy()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (answers,) = session.run(None, {"mel": mel})
    differ = float(np.max(np.abs(answers - expected)))
    if not differ <= _CLOSE * max(1.0, float(np.max(np.abs(expected)))):
        raise MixrulesError(
            f"onnxruntime {onnxruntime.__version__} answers otherwise than torch {torch.__version__}, by up to {differ:g}"
        )
