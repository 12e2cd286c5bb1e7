"""A generator leaves the lab: one ONNX file, uint8 faces and codes in, edited faces out."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.export.onnx import convert, store_in_half
from mien.lab.gan.generator import Generator, load_generator
from mien.lab.gan.space_facts import space_facts
from mien.lab.predict import weights_of
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.onnx_runtime import onnx_runtime
from mien.whole_file import write_whole

INPUTS, OUTPUT = ("crops", "codes"), "edited"
HALF_TOLERANCE = 0.02
"""How far a pixel in 0..1 may move when weights are rounded to float16."""


class Exported(nn.Module):
    """What the file computes: crops (n, h, w, c) uint8 and codes (n, d) -> (n, h, w, c) float32 in 0..255."""

    def __init__(self, net: Generator, spec: ModelSpec) -> None:
        super().__init__()
        self.net = in_two(net)
        mean, std = (torch.tensor(v)[:, None, None] for v in (spec.mean, spec.std))
        self.scale: Tensor
        self.offset: Tensor
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("offset", -mean / std)

    def forward(self, crops: Tensor, codes: Tensor) -> Tensor:
        x = crops.permute(0, 3, 1, 2).float() * self.scale + self.offset
        made = (self.net(x, codes) - self.offset) / self.scale
        edited: Tensor = made.clamp(0, 255).permute(0, 2, 3, 1)
        return edited


class InTwo(nn.Module):
    """A convolution k x k as one along rows and one along columns, the same sums in another order.

    ONNX Runtime computes channels in blocks of 8 or 16: a convolution that gives 1 or 3 wastes most of a block at
    each of its k x k places; k times as many channels at k places do not.
    """

    def __init__(self, whole: nn.Conv2d) -> None:
        super().__init__()
        out, width, k, _ = whole.weight.shape
        self.rows = nn.Conv2d(width, out * k, (1, k), padding=(0, k // 2), bias=False)
        self.columns = nn.Conv2d(out * k, out, (k, 1), padding=(k // 2, 0), bias=False)
        with torch.no_grad():
            self.rows.weight.copy_(whole.weight.transpose(1, 2).reshape(out * k, width, 1, k))
            shifts = torch.eye(k)[None, :, :, None].expand(out, k, k, 1)  # row i of the kernel looks i rows further
            self.columns.weight.zero_()
            for o in range(out):
                self.columns.weight[o, o * k : (o + 1) * k] = shifts[o]

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.columns(self.rows(x))
        return made


def in_two(net: Generator) -> Generator:
    """A copy of a generator whose last convolution is an `InTwo`."""
    net = copy.deepcopy(net)
    at = len(net.main) - 2  # tanh stands behind it
    whole = net.main[at]
    assert isinstance(whole, nn.Conv2d)
    net.main[at] = InTwo(whole)
    return net


def export_generator(
    run: str | Path, out: str | Path, *, name: str = "", half: bool = False, parity: float = 1e-3
) -> ModelSpec:
    """Write a generator's weights as ONNX and hold the file against torch.

    Args:
        run: a run folder or .safetensors file whose ModelSpec names a generator.
        out: the file.
        name: the generator's; its run's by default.
        half: store weights as float16 and compute in float32: half the size. Parity is held before rounding;
            afterwards no pixel may move by more than HALF_TOLERANCE.
        parity: the largest difference from torch allowed in a pixel, of pixels in 0..1, on random faces and codes.

    Returns:
        The ModelSpec inside the file; its `space` says where emotions lie.

    Raises:
        MienError: weights of something else, or a pixel that differs by more.
    """
    file = weights_of(run)
    net, spec = load_generator(file)
    spec = spec.replace(name=name or spec.name, sha256="", space=space_facts(net.space))
    module = Exported(net, spec).eval()
    crops, codes = examples(spec, net.space.dims, 2)
    model = convert(module, {"crops": crops, "codes": codes}, [OUTPUT], spec.name)
    onnx.helper.set_model_props(model, {METADATA_KEY: spec.to_json(indent=None)})
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    difference = compare(module, data, spec, net.space.dims)
    if half and difference <= parity:
        store_in_half(model)
        data = model.SerializeToString()
        difference = compare(module, data, spec, net.space.dims) / HALF_TOLERANCE * parity
    if not difference <= parity:
        raise MienError(
            f"{run}: exported faces differ from torch's by {difference:.2g}, more than {parity:g}; not written"
        )
    write_whole(Path(out), data)
    return spec


def examples(spec: ModelSpec, dims: int, n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Random crops (n, h, w, c) uint8 and codes (n, d) in -1..1."""
    rng = np.random.default_rng(seed)
    crops = rng.integers(0, 256, (n, spec.height, spec.width, spec.channels), dtype=np.uint8)
    codes = rng.uniform(-1, 1, (n, dims)).astype(np.float32)
    return torch.from_numpy(crops), torch.from_numpy(codes)


def compare(module: nn.Module, model: bytes, spec: ModelSpec, dims: int, n: int = 3) -> float:
    """The largest absolute difference between torch's pixels, in 0..1, and the file's on n random faces."""
    crops, codes = examples(spec, dims, n, seed=1)
    with torch.no_grad():
        expected = module(crops, codes).numpy()
    session = onnx_runtime().InferenceSession(model, providers=["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], {"crops": crops.numpy(), "codes": codes.numpy()})
    return float(np.abs(found - expected).max(initial=0)) / 255
