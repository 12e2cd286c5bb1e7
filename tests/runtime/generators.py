"""Tiny generators without torch: a code's first coordinate lightens a face, its second darkens the lower half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.model_spec import METADATA_KEY, ModelSpec

EMOTIONS = ("happiness", "sadness", "surprise", "neutral")
LINEAR = {"kind": "linear", "emotions": list(EMOTIONS), "places": [[1, 0], [-1, 0], [0, 1], [0, 0]]}
GAUSSIAN = {
    "kind": "gaussian",
    "emotions": list(EMOTIONS),
    "places": [[0.5, 0.5], [-0.8, 0.1], [0.2, -0.9], [0.1, 0.2]],
    "covariances": [[[0.05, 0.01], [0.01, 0.02]]] * 4,
}
STEP = 40.0
"""Grey levels by which a coordinate of 1 changes a pixel."""


def tiny_spec(name: str = "tiny", size: int = 48, colour: str = "grey", **facts: Any) -> ModelSpec:
    half = (0.5,) * (1 if colour == "grey" else 3)
    space = facts.pop("space", LINEAR)
    return ModelSpec(
        name, f"ganmut_{space['kind'] if space else 'linear'}", (), size, size, colour, half, half,
        space=space, **facts,
    )  # fmt: skip


def tiny_generator(path: Path, spec: ModelSpec | None = None, step: float = STEP) -> Path:
    """Write the file of such a generator: edited = crops + step (x - y [row in the lower half]), cut to 0..255."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    spec = spec or tiny_spec()
    shape = ["n", spec.height, spec.width, spec.channels]
    weights = np.zeros((2, spec.height, 1, 1), np.float32)
    weights[0], weights[1, spec.height // 2 :] = step, -step
    nodes = [
        helper.make_node("Cast", ["crops"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["codes", "weights"], ["rows"]),
        helper.make_node("Reshape", ["rows", "shape"], ["shift"]),
        helper.make_node("Add", ["floats", "shift"], ["sum"]),
        helper.make_node("Clip", ["sum", "low", "high"], ["edited"]),
    ]
    constants = {
        "weights": weights.reshape(2, -1),
        "shape": np.int64([-1, spec.height, 1, 1]),
        "low": np.float32(0),
        "high": np.float32(255),
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("crops", TensorProto.UINT8, shape),
            helper.make_tensor_value_info("codes", TensorProto.FLOAT, ["n", 2]),
        ],
        [helper.make_tensor_value_info("edited", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path
