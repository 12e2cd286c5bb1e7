"""A YuNet model file in OpenCV's form, made from the weights in the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def yunet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our network with the input and the twelve outputs that OpenCV's FaceDetectorYN expects."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from mien.detect.builtin import STRIDES, WEIGHTS

    model = onnx.load(WEIGHTS)
    made_by = {node.output[0]: node for node in model.graph.node}
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    for constant in model.graph.initializer:
        if constant.name == first.input[1]:  # OpenCV feeds blue first
            flipped = np.ascontiguousarray(numpy_helper.to_array(constant)[:, ::-1])
            constant.CopyFrom(numpy_helper.from_array(flipped, constant.name))
    first.input[0] = "input"
    outputs = {}
    for stride, part in zip(STRIDES, made_by["candidates"].input, strict=True):
        score, box, points = made_by[part].input
        product = made_by[made_by[score].input[0]]
        outputs |= dict(
            zip((f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps")),
                (*product.input, box, points), strict=True)
        )  # fmt: skip
    nodes = [n for n in model.graph.node if n.op_type not in ("Sqrt", "Mul", "Concat", "Cast")]
    nodes = [n for n in nodes if n.output[0] != made_by["candidates"].output[0] and n.input[0] != "cast_0"]
    order = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES]
    axis = numpy_helper.from_array(np.array([0]), "axis")
    nodes += [helper.make_node("Unsqueeze", [outputs[name], "axis"], [name]) for name in order]
    graph = helper.make_graph(
        nodes, "yunet",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 640, 640])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, None]) for name in order],
        [*model.graph.initializer, axis],
    )  # fmt: skip
    path = tmp_path_factory.mktemp("yunet") / "yunet.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path
