"""A network leaves the lab: one ONNX file, uint8 crops in, `logits`, `embedding`, `feature_map` out.

Networks whose branches vote also have the output `branch_logits`.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.heads.head_kind import kind_of
from mien.lab.models.face_net import FaceNet
from mien.lab.predict import load_net
from mien.model_spec import METADATA_KEY, Head, ModelSpec
from mien.onnx_runtime import onnx_runtime
from mien.runtime.session import outputs_of
from mien.whole_file import write_whole

OPSET = 18
SMALLEST_HALVED = 256
"""Tensors of fewer values stay in float32: biases weigh nothing and lose most."""
HALF_TOLERANCE = 0.05
"""How far a logit may move when weights are rounded to float16."""


class Exported(nn.Module):
    """What the file computes: (n, h, w, c) uint8 -> logits (n, k), embedding (n, e), feature_map (n, d, h', w').

    With branches, fourth, what each says, (n, b, k).
    """

    def __init__(self, net: FaceNet, spec: ModelSpec, columns: slice) -> None:
        super().__init__()
        self.net, self.columns = net, columns
        mean, std = (torch.tensor(v)[:, None, None] for v in (spec.mean, spec.std))
        self.scale: Tensor
        self.offset: Tensor
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("offset", -mean / std)

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        x = crops.permute(0, 3, 1, 2).float() * self.scale + self.offset
        feature_map = self.net.features(x)
        embedding = self.net.pool(feature_map)
        answer = self.net.classify(embedding)[:, self.columns], embedding, feature_map
        if not self.net.branches:
            return answer
        return *answer, self.net.branch_logits(embedding)[..., self.columns]


def export_run(
    run: str | Path,
    out: str | Path,
    *,
    name: str = "",
    head: str = "",
    half: bool = False,
    side: int = 0,
    parity: float = 1e-4,
) -> ModelSpec:
    """Write a run's weights as ONNX and hold the file against torch.

    Args:
        run: a run folder or .safetensors file.
        name: the model's; the recipe's by default.
        head: keep this head alone; all of them by default.
        half: store weights as float16 and compute in float32: half the size. Parity is held before rounding;
            afterwards no logit may move by more than HALF_TOLERANCE.
        side: of the crops that the file takes, in pixels, where it is another than the recipe's; 0 for that one.
        parity: the largest difference from torch allowed in any output on random crops; of an output whose values
            reach beyond one, as a share of the largest.

    Raises:
        MienError: no such head, a side that the network cannot take, or an output that differs by more.
    """
    net, spec = load_net(run)
    spec = at_side(net, spec, side) if side else spec
    columns = spec.columns(head) if head else slice(None)
    if head:
        spec = spec.replace(heads=(spec.head(head),), scores=_scores_of(spec, spec.head(head)))
    spec = spec.replace(name=name or spec.name, sha256="", branches=net.branches)
    module = Exported(net, spec, columns).eval()
    crops = torch.zeros(2, spec.height, spec.width, spec.channels, dtype=torch.uint8)
    model = convert(Exported(net.plain(), spec, columns).eval(), {"crops": crops}, outputs_of(spec), spec.name)
    onnx.helper.set_model_props(model, {METADATA_KEY: spec.to_json(indent=None)})
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    difference = compare(module, data, spec, shares=True)
    if half:
        store_in_half(model)
        data = model.SerializeToString()
        difference = max(difference, compare(module, data, spec, outputs=("logits",)) / HALF_TOLERANCE * parity)
    if difference > parity:
        raise MienError(
            f"{run}: exported outputs differ from torch by {difference:.2g}, more than {parity:g}; not written"
        )
    write_whole(Path(out), data)
    return spec


def at_side(net: FaceNet, spec: ModelSpec, side: int) -> ModelSpec:
    """The ModelSpec of the same network on crops of side x side pixels.

    A network that learnt at several sides (`train.sizes`) may read best at another than its recipe's: somewhat above
    the last that it learnt at, since augmentation enlarges faces (Touvron et al. 2019, "Fixing the train-test
    resolution discrepancy").

    Raises:
        MienError: a network that takes the recipe's size alone.
    """
    try:
        with torch.inference_mode():
            net.eval()(torch.zeros(1, spec.channels, side, side))
    except RuntimeError as error:
        raise MienError(
            f"--side {side}: {spec.architecture} cannot take crops of {side} x {side} pixels, it learnt at"
            f" {spec.height} x {spec.width}; leave --side out"
        ) from error
    return spec.replace(height=side, width=side)


def compare(
    module: nn.Module,
    model: bytes,
    spec: ModelSpec,
    n: int = 5,
    seed: int = 0,
    outputs: Sequence[str] = (),
    shares: bool = False,
) -> float:
    """The largest absolute difference between torch and the file over these outputs, or all, on n random crops.

    With `shares` that of an output whose values reach beyond one is a share of its largest: rounding grows with it.
    """
    rng = np.random.default_rng(seed)
    crops = rng.integers(0, 256, (n, spec.height, spec.width, spec.channels), dtype=np.uint8)
    with torch.no_grad():
        answers = dict(zip(outputs_of(spec), module(torch.from_numpy(crops)), strict=True))
    outputs = outputs or outputs_of(spec)
    session = onnx_runtime().InferenceSession(model, providers=["CPUExecutionProvider"])
    actual = session.run(list(outputs), {"crops": crops})
    differences = []
    for name, found in zip(outputs, actual, strict=True):
        expected = answers[name].numpy()
        scale = max(1.0, float(np.abs(expected).max(initial=0))) if shares else 1.0
        differences.append(float(np.abs(found - expected).max(initial=0)) / scale)
    return max(differences)


def convert(module: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], name: str) -> onnx.ModelProto:
    """torch's exporter, kept quiet, with a dynamic batch; it folds norms into the convolutions before them.

    Args:
        inputs: name -> example, all of the same number of rows, in the order of the module's arguments.
        outputs: names.
        name: the model's, for errors.
    """
    batch = torch.export.Dim("n")
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            tuple(inputs.values()),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes={key: {0: batch} for key in inputs},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise MienError(f"{name}: torch could not export this network; install the onnxscript of mien[train]")
    model = program.model_proto
    for holder in (model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info):
        del holder.metadata_props[:]  # traces of this machine's source files
    for node in model.graph.node:
        node.doc_string = ""
    return model


def store_in_half(model: onnx.ModelProto) -> None:
    """Large weights as float16 with a cast in front of their users; ONNX Runtime folds the casts on loading."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST_HALVED:
            continue
        name = tensor.name
        values = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(values, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _scores_of(spec: ModelSpec, head: Head) -> dict[str, object]:
    """The validation scores that concern one head."""
    own = f"val_{kind_of(head.kind).metrics[0]}_{head.name}"
    kept: dict[str, object] = {}
    for split, scores in spec.scores.items():
        kept[split] = {k: v for k, v in scores.items() if not k.startswith("val_") or k == own}
    return kept
