"""An ensemble leaves the lab as one ONNX file: its members side by side, their probabilities averaged inside."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from mien.ensemble.combine import combine
from mien.ensemble.ensemble_file import read_ensemble
from mien.errors import MienError
from mien.lab.export.int8 import export_int8
from mien.lab.export.onnx import export_run
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.onnx_runtime import onnx_runtime
from mien.runtime.catalog import bundled, find
from mien.runtime.probabilities import by_label, calibrated, calibration, softmax
from mien.runtime.session import BRANCHES, OUTPUTS, OnnxModel
from mien.whole_file import write_whole

AVERAGING = ("mean", "weighted", "greedy")
"""Rules of an ensemble's file that are a weighted mean of probabilities, which is what the file computes."""
LEAST = 1e-12
"""Smallest mean probability whose logarithm is a logit."""
PARITY = 1e-4


def export_ensemble(
    path: str | Path, out: str | Path, *, name: str = "", head: str = "", int8: bool = False, calibrate: str = ""
) -> ModelSpec:
    """Write an ensemble's file (.toml) as one model.

    `logits` are logarithms of the weighted mean of the members' probabilities, calibrated where a member is;
    `branch_logits` (n, members, k) what each said; `embedding` and `feature_map` stand side by side.

    Args:
        name, head: as for `export_run`; a head is kept of members that are runs, an .onnx file has what it has.
        int8: members that are runs become int8, calibrated on the training faces of `calibrate`.

    Raises:
        MienError: a rule that is no mean, members whose heads, input or feature maps differ, naming the first that
            does, one without a softmax, or a file that says something else than its members.
    """
    ensemble = read_ensemble(path)
    if ensemble.combine not in AVERAGING:
        raise MienError(f"{path}: combine = {ensemble.combine!r} is no mean; export one of {', '.join(AVERAGING)}")
    weights = np.asarray(ensemble.weights or [1.0] * len(ensemble.members), np.float64)
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, (member, used) in enumerate(zip(ensemble.members, ensemble.used, strict=True)):
            if used:
                files.append(_member(member, Path(folder) / f"{number}.onnx", head, int8, calibrate))
        models, graphs = [OnnxModel(file) for file in files], [onnx.load(file) for file in files]
        specs = [model.spec for model in models]
        members = [member for member, used in zip(ensemble.members, ensemble.used, strict=True) if used]
        _check_alike(path, members, specs, graphs)
        weights = weights[weights > 0] / weights.sum()
        merged = merge(graphs, specs, weights)
        spec = _spec(specs, weights, name or ensemble.name).replace(
            embedding=sum(shape_of(graph, "embedding")[0] for graph in graphs), feature_map=_feature_map(graphs)
        )
        onnx.helper.set_model_props(merged, {METADATA_KEY: spec.to_json(indent=None)})
        onnx.checker.check_model(merged, full_check=True)
        data = merged.SerializeToString()
        if (difference := _difference(data, models, weights)) > PARITY:
            raise MienError(
                f"{path}: the file's probabilities differ from its members' by {difference:.2g}; not written"
            )
    write_whole(Path(out), data)
    return spec


def merge(
    models: Sequence[onnx.ModelProto], specs: Sequence[ModelSpec], weights: NDArray[np.float64]
) -> onnx.ModelProto:
    """The members' graphs with one input, and the mean of what they say."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    opsets: dict[str, int] = {}
    for number, model in enumerate(models):
        for opset in model.opset_import:
            if opsets.setdefault(opset.domain, opset.version) != opset.version:
                raise MienError("members of different ONNX opsets; export them with the same mien")
        part_nodes, part_constants = _renamed(model.graph, f"m{number}/")
        nodes += part_nodes
        constants += part_constants
    tail = _Tail(nodes, constants)
    said = [tail.calibrated(f"m{i}/logits", spec, f"m{i}") for i, spec in enumerate(specs)]
    tail.node("Concat", [tail.node("Unsqueeze", [one, tail.axes(1)]) for one in said], BRANCHES, axis=1)
    shares = tail.constant("weights", weights.astype(np.float32)[None, :, None])
    means = []
    for head in specs[0].heads:
        columns = specs[0].columns(head.name)
        ends = [tail.constant(f"{head.name}.{edge}", np.array([at])) for edge, at in
                (("start", columns.start), ("stop", columns.stop))]  # fmt: skip
        own = tail.node("Softmax", [tail.node("Slice", [BRANCHES, *ends, tail.axes(2)])], axis=2)
        mean = tail.node("ReduceSum", [tail.node("Mul", [own, shares]), tail.axes(1)], keepdims=0)
        means.append(tail.node("Log", [tail.node("Max", [mean, tail.constant("least", np.float32(LEAST))])]))
    tail.node("Concat", means, "logits", axis=1)
    for output in OUTPUTS[1:]:
        tail.node("Concat", [f"m{i}/{output}" for i in range(len(models))], output, axis=1)
    width = sum(len(head.labels) for head in specs[0].heads)
    outputs: list[tuple[str, list[Any]]] = [
        ("logits", ["n", width]),
        ("embedding", ["n", sum(shape_of(model, "embedding")[0] for model in models)]),
        ("feature_map", ["n", *_feature_map(models)]),
        (BRANCHES, ["n", len(specs), width]),
    ]
    graph = helper.make_graph(
        nodes, "ensemble", list(models[0].graph.input),
        [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in outputs], constants,
    )  # fmt: skip
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=max(model.ir_version for model in models))


class _Tail:
    """Nodes and constants added behind the members."""

    def __init__(self, nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto]) -> None:
        self.nodes, self.constants = nodes, constants

    def node(self, kind: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        output = output or f"{kind.lower()}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def constant(self, name: str, value: Any) -> str:
        if all(tensor.name != name for tensor in self.constants):
            self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def axes(self, axis: int) -> str:
        return self.constant(f"axis.{axis}", np.array([axis]))

    def calibrated(self, logits: str, spec: ModelSpec, prefix: str) -> str:
        """What `mien calibrate` stored of a member, but for a target prior: a scale and a bias for each column."""
        scale, bias = _calibration(spec)
        if (scale == 1).all() and not bias.any():
            return logits
        scaled = self.node("Mul", [logits, self.constant(f"{prefix}.scale", scale)])
        return self.node("Add", [scaled, self.constant(f"{prefix}.bias", bias)])


def _calibration(spec: ModelSpec) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(k,) what logits are multiplied by and what is added then."""
    scales, biases = [], []
    for head in spec.heads:
        stored = spec.calibration.get(head.name, {})
        if "target_prior" in stored:
            raise MienError(f"{spec.name}: corrected to another prior; calibrate it without --target-prior")
        ones = np.ones(len(head.labels))
        scales.append((by_label(head, stored["scale"]) if "scale" in stored else ones) / stored.get("temperature", 1.0))
        biases.append(by_label(head, stored["bias"]) if "bias" in stored else 0 * ones)
    return np.concatenate(scales).astype(np.float32), np.concatenate(biases).astype(np.float32)


def _renamed(graph: onnx.GraphProto, prefix: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """A member's nodes and weights, every name but the input's with the prefix."""

    def named(name: str) -> str:
        return prefix + name if name and name != "crops" else name

    nodes, constants = [], []
    for node in graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = prefix + node.name
        copy.input[:] = [named(name) for name in node.input]
        copy.output[:] = [named(name) for name in node.output]
        nodes.append(copy)
    for tensor in graph.initializer:
        renamed = onnx.TensorProto()
        renamed.CopyFrom(tensor)
        renamed.name = named(tensor.name)
        constants.append(renamed)
    return nodes, constants


def _member(member: str, temporary: Path, head: str, int8: bool, calibrate: str) -> Path:
    """The .onnx file of a member, written first where it is a run."""
    if member in bundled() or Path(member).suffix == ".onnx":
        return find(member)
    if int8:
        export_int8(member, temporary, calibrate, head=head)
    else:
        export_run(member, temporary, head=head)
    return temporary


def _check_alike(
    path: str | Path, members: Sequence[str], specs: Sequence[ModelSpec], graphs: Sequence[onnx.ModelProto]
) -> None:
    for head in specs[0].heads:
        if head.activation != "softmax":
            raise MienError(f"{path}: head {head.name!r} answers by {head.activation}; only softmax heads are averaged")
    facts = [
        {
            "heads": [(head.name, head.labels, head.trained_on) for head in spec.heads],
            "input": (spec.height, spec.width, spec.colour, dict(spec.crop)),
            "feature map": shape_of(graph, "feature_map")[1:],
        }
        for spec, graph in zip(specs, graphs, strict=True)
    ]
    for member, own in zip(members, facts, strict=True):
        for what, value in own.items():
            if value != (first := facts[0][what]):
                raise MienError(f"{path}: {member} has {what} {value}, {members[0]} has {first}")


def shape_of(model: onnx.ModelProto, output: str) -> tuple[int, ...]:
    """An output's shape, without the batch."""
    (found,) = (one for one in model.graph.output if one.name == output)
    return tuple(dim.dim_value for dim in found.type.tensor_type.shape.dim[1:])


def _feature_map(models: Sequence[onnx.ModelProto]) -> tuple[int, int, int]:
    maps = [shape_of(model, "feature_map") for model in models]
    return sum(one[0] for one in maps), maps[0][1], maps[0][2]


def _spec(specs: Sequence[ModelSpec], weights: NDArray[np.float64], name: str) -> ModelSpec:
    first = specs[0]
    members = [
        {"name": spec.name, "architecture": spec.architecture, "weight": round(float(weight), 4),
         "parameters": spec.parameters, "recipe": spec.training.get("recipe"), "seed": spec.training.get("seed")}
        for spec, weight in zip(specs, weights, strict=True)
    ]  # fmt: skip
    same = {key: value for key, value in first.training.items() if all(s.training.get(key) == value for s in specs)}
    return first.replace(
        name=name, architecture="ensemble", architecture_options={"members": members}, branches=len(specs),
        parameters=sum(spec.parameters or 0 for spec in specs), training={k: v for k, v in same.items() if k != "int8"},
        scores={}, calibration={}, licence="; ".join(dict.fromkeys(spec.licence for spec in specs)), sha256="",
    )  # fmt: skip


def _difference(data: bytes, models: Sequence[OnnxModel], weights: NDArray[np.float64]) -> float:
    """The largest difference of a probability on random crops between the file and its members' mean."""
    spec = models[0].spec
    shape = (5, spec.height, spec.width, spec.channels)
    crops = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    session = onnx_runtime().InferenceSession(data, providers=["CPUExecutionProvider"])
    (found,) = session.run(["logits"], {"crops": crops})
    worst = 0.0
    for head in spec.heads:
        columns, said = spec.columns(head.name), []
        for model in models:
            stored = calibration(model.spec, head)
            said.append(calibrated(head, stored, model.run(crops).logits[:, columns]))
        expected = combine("weighted", np.stack(said), list(weights))
        worst = max(worst, float(np.abs(softmax(found[:, columns]) - expected).max()))
    return worst
