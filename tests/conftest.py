"""Fixtures that every folder of tests may use; nothing here needs a network, a data set or torch."""

from __future__ import annotations

import os

# a worker of the test run is one core's worth: torch's threads of two workers on two cores wait for each other;
# set before anything imports numpy or torch, and handed on to the processes that tests start
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.labels import EMOTIONS
from mien.model_spec import METADATA_KEY, Head, ModelSpec

TinyModel = Callable[..., Path]
BRIGHTNESS_GAIN = 20.0
DrawFace = Callable[..., NDArray[np.uint8]]


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or fills the user's own cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("MIEN_CACHE", str(folder))
    return folder


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
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", spec.height, spec.width, spec.channels])],
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


@pytest.fixture(scope="session")
def draw_face() -> DrawFace:
    """`draw_face(height, width, x, y, size, on=None)`: a picture with one face that every detector sees.

    uint8 RGB; the face's centre is at (x, y), it is `size` pixels high; `on` is a picture to draw on.
    """
    return _draw_face


@pytest.fixture(scope="session")
def portrait() -> NDArray[np.uint8]:
    """uint8 RGB (480, 640, 3) with one drawn face around (320, 230), some 200 px high."""
    return _draw_face(480, 640, 320, 230, 200)


def _draw_face(
    height: int, width: int, x: float, y: float, size: float, on: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    import cv2

    image = np.full((height, width, 3), (96, 120, 140), np.uint8) if on is None else on.copy()
    s = size / 200

    def oval(dx: float, dy: float, a: float, b: float, colour: tuple[int, int, int]) -> None:
        centre, axes = (round(x + dx * s), round(y + dy * s)), (max(round(a * s), 1), max(round(b * s), 1))
        cv2.ellipse(image, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)

    skin, dark = (214, 170, 140), (70, 45, 35)
    oval(0, 95, 42, 60, (190, 148, 120))  # neck
    oval(0, -22, 88, 108, (60, 40, 30))  # hair
    oval(0, 6, 75, 100, skin)
    for side in (-1, 1):
        oval(side * 30, -18, 17, 9, (240, 238, 235))
        oval(side * 30, -18, 8, 8, dark)
        oval(side * 30, -38, 20, 4, dark)
        oval(side * 38, 30, 18, 14, (220, 160, 135))
    oval(0, 14, 9, 20, (200, 152, 124))
    oval(-5, 30, 4, 3, (120, 80, 65))
    oval(5, 30, 4, 3, (120, 80, 65))
    oval(0, 58, 28, 9, (170, 75, 75))
    oval(0, 57, 24, 2, (110, 45, 50))
    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(0.8 * s, 0.5)), np.uint8)
