"""Small ONNX files made by the package onnx alone, for the tests of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

MEL = ("blocks", 2, 128, 64)


def write_onnx(
    path: Path,
    *,
    shape: Sequence[int | str] = MEL,
    outputs: int = 1,
    factor: float = 1.0,
    double: bool = False,
    several: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Write a network each answer of which is the mean of a block times a factor; return the file."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    kind = TensorProto.DOUBLE if double else TensorProto.FLOAT
    weights = np.full((1, outputs), factor, np.float64 if double else np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=list(range(1, len(shape))), keepdims=0),
        helper.make_node("Unsqueeze", ["mean", "axis"], ["column"]),
        helper.make_node("MatMul", ["column", "weights"], ["y"]),
    ]
    answers = [helper.make_tensor_value_info("y", kind, [shape[0], outputs])]
    if several:
        answers.append(helper.make_tensor_value_info("mean", kind, [shape[0]]))
    graph = helper.make_graph(
        nodes,
        "mean",
        [helper.make_tensor_value_info("x", kind, list(shape))],
        answers,
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.array([1]), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, dict(metadata or {}))
    checker.check_model(model)
    save(model, path)
    return path
