"""A file that says two units by brightness alone: AU04 by the upper half of a face, AU12 by the lower one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.datasets.units import INTENSITY, OCCURRENCE
from mien.model_spec import METADATA_KEY, Head, ModelSpec

UNITS = ("AU04", "AU12")
SIDE, CELLS = 48, 6
GAIN = 8.0


def unit_model(path: Path, kind: str = "action_units", activation: str = "sigmoid", **spec: Any) -> Path:
    """Write it: the map's two channels are the brightness of 6 x 6 cells, above and below, the head is linear."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    head = Head("units", kind, UNITS, "synthetic", activation)
    described = ModelSpec("halves", "halves", (head,), SIDE, SIDE, embedding=2, feature_map=(2, CELLS, CELLS), **spec)
    halves = np.zeros((1, 2, CELLS, CELLS), np.float32)
    halves[0, 0, : CELLS // 2], halves[0, 1, CELLS // 2 :] = 1, 1
    constants = {
        "scale": np.float32(1 / 255), "halves": halves,
        "weights": np.float32(4 * GAIN * np.eye(2)), "bias": np.float32([-GAIN, -GAIN]),
    }  # fmt: skip
    nodes = [
        helper.make_node("Cast", ["crops"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["cast", "scale"], ["pixels"]),
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Mul", ["cells", "halves"], ["feature_map"]),
        helper.make_node("ReduceMean", ["feature_map"], ["embedding"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["embedding", "weights"], ["weighed"]),
        helper.make_node("Add", ["weighed", "bias"], ["logits"]),
    ]
    shapes = {"logits": ("n", 2), "embedding": ("n", 2), "feature_map": ("n", 2, CELLS, CELLS)}
    graph = helper.make_graph(
        nodes, "halves",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ("n", SIDE, SIDE, 1))],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {METADATA_KEY: described.to_json(indent=None)})
    onnx.save(model, str(path))
    return path


def half_faces(n: int = 24) -> FaceSet:
    """n faces whose halves are dark or bright; row i shows AU04, coded by mistake in row 5, and AU12 from half on.

    Rows 0 and 1 are not coded for AU12.
    """
    random = np.random.default_rng(0)
    bright = random.uniform(0.05, 0.95, (n, 2))
    pixels = np.repeat(255 * bright, SIDE // 2, axis=1)[:, :, None] + random.normal(0, 4, (n, SIDE, SIDE))
    shown = (bright >= 0.5).astype(np.float32)
    shown[5, 0] = 1 - shown[5, 0]
    shown[:2, 1] = np.nan
    return FaceSet(
        "halves",
        pixels=np.clip(pixels, 0, 255).astype(np.uint8),
        targets={OCCURRENCE: shown, INTENSITY: np.float32(5 * bright)},
        action_units=UNITS,
    )
