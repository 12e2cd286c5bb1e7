"""Fixtures that every folder of tests may use; nothing here needs a network, a data set or torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.labels import EMOTIONS
from mien.model_spec import METADATA_KEY, Head, ModelSpec

TinyModel = Callable[..., Path]
BRIGHTNESS_GAIN = 20.0


@pytest.fixture
def tiny_model(tmp_path: Path) -> TinyModel:
    """A maker of tiny ONNX models with a ModelSpec inside: `tiny_model(name="tiny", labels=..., **spec)`.

    The crop's mean brightness b in 0..1 decides: label i of k gets the logit -20 (b - i/(k-1))^2 * k, so that
    black faces are the first label, white ones the last. `embedding` is (n, 4), `feature_map` (n, 2, 3, 3).
    """

    def make(
        name: str = "tiny",
        *,
        labels: tuple[str, ...] = EMOTIONS,
        heads: tuple[Head, ...] | None = None,
        height: int = 48,
        width: int = 48,
        colour: str = "grey",
        with_spec: bool = True,
        path: Path | None = None,
        **spec: Any,
    ) -> Path:
        heads = heads or (Head("emotion", "emotion", labels, "ferplus"),)
        described = ModelSpec(
            name=name, architecture="tiny", heads=heads, height=height, width=width, colour=colour,
            mean=(0.5,) * (1 if colour == "grey" else 3), std=(0.5,) * (1 if colour == "grey" else 3),
            embedding=4, feature_map=(2, 3, 3), **spec,
        )  # fmt: skip
        path = path or tmp_path / f"{name}.onnx"
        _write(path, described, with_spec)
        return path

    return make


def _write(path: Path, spec: ModelSpec, with_spec: bool) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    k = sum(len(head.labels) for head in spec.heads)
    centres = np.concatenate([np.linspace(0, 1, len(h.labels)) for h in spec.heads]).astype(np.float32)
    constants = {
        "centres": centres[None],
        "gain": np.float32([-BRIGHTNESS_GAIN * k]),
        "scale": np.float32([1 / 255]),
        "ones": np.ones((1, 4), np.float32),
        "map_ones": np.ones((1, 2, 3, 3), np.float32),
        "axes": np.int64([1, 2, 3]),
        "map_axes": np.int64([2, 3]),
    }
    nodes = [
        helper.make_node("Cast", ["crops"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats", "axes"], ["means"], keepdims=0),
        helper.make_node("Mul", ["means", "scale"], ["brightness"]),
        helper.make_node("Unsqueeze", ["brightness", "one"], ["column"]),
        helper.make_node("Sub", ["column", "centres"], ["away"]),
        helper.make_node("Mul", ["away", "away"], ["squared"]),
        helper.make_node("Mul", ["squared", "gain"], ["logits"]),
        helper.make_node("Mul", ["column", "ones"], ["embedding"]),
        helper.make_node("Unsqueeze", ["column", "map_axes"], ["cell"]),
        helper.make_node("Mul", ["cell", "map_ones"], ["feature_map"]),
    ]
    constants["one"] = np.int64([1])
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(
                "crops", TensorProto.UINT8, ["n", spec.height, spec.width, spec.channels]
            )
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", k]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 4]),
            helper.make_tensor_value_info("feature_map", TensorProto.FLOAT, ["n", 2, 3, 3]),
        ],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if with_spec:
        helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    onnx.save(model, path)
