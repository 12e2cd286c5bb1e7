"""The same file in int8: convolutions multiply bytes, the heads and all outputs stay float32."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from mien.errors import MienError
from mien.lab.export.int8_faces import FACES, Int8Faces, int8_faces
from mien.lab.export.onnx import at_side, export_run
from mien.lab.predict import load_net
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.onnx_runtime import onnx_runtime
from mien.runtime.probabilities import activate
from mien.whole_file import write_whole

QUANTISED = ("Conv", "Relu", "Clip", "MaxPool", "AveragePool")
"""Types of ONNX nodes. Heads, gates, sums and means over places stay in float32: they cost little time.

So does the first convolution: its weights have few inputs and every other layer its errors.
"""
BATCH = 16


def export_int8(
    run: str | Path,
    out: str | Path,
    data: str,
    *,
    name: str = "",
    head: str = "",
    n: int = FACES,
    keep: Sequence[str] = (),
    side: int = 0,
) -> ModelSpec:
    """Write a run's weights as an int8 ONNX file.

    Args:
        run, name, head, side: as for `export_run`.
        data: a data set, of whose training faces `n` tell the range of every layer.
        keep: more that stays in float32: patterns of names of ONNX nodes, or one of the types in QUANTISED.

    Returns:
        Its ModelSpec, whose `training["int8"]` says how it was made and how far it is from the float32 file.

    Raises:
        MienError: as for `export_run` and `int8_faces`, or a network without anything to quantise.
    """
    net, trained = load_net(run)
    faces = int8_faces(data, at_side(net, trained, side) if side else trained, n)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "float32.onnx"
        spec = export_run(run, file, name=name, head=head, side=side)
        model = onnx.load(file)
    quantised = quantise(model, faces.calibration, keep)
    facts = _facts(spec, model, quantised, faces, keep)
    spec = spec.replace(training={**spec.training, "int8": facts})
    onnx.helper.set_model_props(quantised, {METADATA_KEY: spec.to_json(indent=None)})
    onnx.checker.check_model(quantised)
    write_whole(Path(out), quantised.SerializeToString())
    return spec


def quantise(model: onnx.ModelProto, crops: NDArray[np.uint8], keep: Sequence[str] = ()) -> onnx.ModelProto:
    """Static quantisation: weights by channel, layers' answers by their extremes on these crops.

    Weights take 7 of the 8 bits: processors without VNNI add two products of bytes in 16 bits, which 8 overflow.

    Raises:
        MienError: a pattern of `keep` that fits nothing, or nothing to quantise.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    left = _left_in_float(model, keep)
    with tempfile.TemporaryDirectory() as folder, _quiet():
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)  # a proto would be emptied into a file of the working directory
        quantize_static(
            source,
            target,
            _reader(crops),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            nodes_to_exclude=sorted(left),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(target)


def difference(
    spec: ModelSpec, expected: NDArray[np.float32], actual: NDArray[np.float32]
) -> dict[str, dict[str, float]]:
    """By head: the largest and mean absolute difference of its values, and how often the likeliest label is the same.

    Args:
        expected, actual: logits (n, k) of the two files on the same faces.
    """
    found = {}
    for head in spec.heads:
        columns = spec.columns(head.name)
        a, b = activate(head, expected[:, columns]), activate(head, actual[:, columns])
        away = np.abs(a - b)
        found[head.name] = {"max": round(float(away.max()), 5), "mean": round(float(away.mean()), 6)}
        if head.activation == "softmax":
            found[head.name]["same"] = round(float((a.argmax(1) == b.argmax(1)).mean()), 4)
    return found


def _left_in_float(model: onnx.ModelProto, keep: Sequence[str]) -> set[str]:
    """Names of nodes of a quantised type that are not quantised."""
    candidates = [node for node in model.graph.node if node.op_type in QUANTISED]
    convolutions = [node.name for node in candidates if node.op_type == "Conv"]
    left = set(convolutions[:1])
    for pattern in keep:
        found = {node.name for node in candidates if fnmatchcase(node.name, pattern) or node.op_type == pattern}
        if not found:
            names = ", ".join(node.name for node in candidates)
            raise MienError(f"no node {pattern!r} that float32 could be kept for; there are {names}")
        left |= found
    if left.issuperset(convolutions):
        raise MienError("no convolution is left to quantise in this network; export it without --int8")
    return left


def _facts(
    spec: ModelSpec, model: onnx.ModelProto, quantised: onnx.ModelProto, faces: Int8Faces, keep: Sequence[str]
) -> dict[str, Any]:
    """What the ModelSpec keeps of it."""
    answers = [_logits(m.SerializeToString(), faces.held_out) for m in (model, quantised)]
    facts = {
        "calibrated_on": faces.calibrated_on,
        "method": "static, per channel, 7-bit weights, extremes",
        "held_out": {**faces.compared_on, "against": "float32", **difference(spec, *answers)},
    }
    return facts | ({"float": list(keep)} if keep else {})


def _logits(model: bytes, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    session = onnx_runtime().InferenceSession(model, providers=["CPUExecutionProvider"])
    parts = [session.run(["logits"], {"crops": part})[0] for part in _batches(crops)]
    return np.concatenate(parts)


def _reader(crops: NDArray[np.uint8]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # untyped, and imported only here
        """The crops, batch after batch, as ONNX Runtime asks for them."""

        def __init__(self) -> None:
            self.left = _batches(crops)

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            part = next(self.left, None)
            return None if part is None else {"crops": part}

    return Reader()


def _batches(crops: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    return (crops[start : start + BATCH] for start in range(0, len(crops), BATCH))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without ONNX Runtime's advice to simplify the graph first, which torch's exporter has done."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
