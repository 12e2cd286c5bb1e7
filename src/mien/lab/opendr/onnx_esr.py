"""OpenDR's network as ONNX: made by `optimize`, and then what `infer` runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.export.onnx import convert
from mien.lab.opendr.published_esr import CLASSES, SIDE, PublishedEsr
from mien.onnx_runtime import onnx_runtime
from mien.runtime.session import open_session
from mien.whole_file import write_whole

INPUT = "onnx_input"
OUTPUTS = ("onnx_out_emotions", "onnx_out_va")
PARITY = 1e-4


class Answers(nn.Module):
    """What the file computes: (n, 3, 96, 96) -> emotions (n, branches, 8), affect (n, branches, 2)."""

    def __init__(self, net: PublishedEsr) -> None:
        super().__init__()
        self.net = net

    def forward(self, onnx_input: Tensor) -> tuple[Tensor, Tensor]:
        return self.net.said(onnx_input)


def export(net: PublishedEsr, path: Path) -> None:
    """Write the file, for any number of faces at once, and hold it against torch.

    Raises:
        MienError: answers that differ from torch's by more than `PARITY`, as a share of the largest beyond one.
    """
    where = next(net.parameters()).device
    module = Answers(net.cpu()).eval()
    faces = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    try:
        data = convert(module, {INPUT: faces}, OUTPUTS, path.stem).SerializeToString()
        with torch.no_grad():
            expected = module(faces)
    finally:
        net.to(where)
    session = onnx_runtime().InferenceSession(data, providers=["CPUExecutionProvider"])
    for found, torch_said in zip(session.run(list(OUTPUTS), {INPUT: faces.numpy()}), expected, strict=True):
        scale = max(1.0, float(torch_said.abs().max()))
        off = float(np.abs(found - torch_said.numpy()).max()) / scale
        if off > PARITY:
            raise MienError(f"{path}: the exported network differs from torch by {off:.2g}; not written")
    write_whole(path, data)


def open_onnx(path: Path) -> Any:
    """An ONNX Runtime session of such a file.

    Raises:
        MienError: a file that is missing, broken, or not one that `optimize` wrote.
    """
    session = open_session(path, None)
    names = [one.name for one in session.get_inputs()], [one.name for one in session.get_outputs()]
    if names[0] != [INPUT] or not set(OUTPUTS) <= set(names[1]):
        raise MienError(f"{path}: not what optimize() writes; load the weights and call optimize() again")
    shape = session.get_outputs()[0].shape
    if len(shape) != 3 or shape[2] != CLASSES:
        raise MienError(
            f"{path}: answers of {shape}, as OpenDR's own export; load the weights and call optimize() here"
        )
    return session


def said(session: Any, faces: Tensor) -> tuple[Tensor, Tensor]:
    """Emotions (n, branches, 8) and affect (n, branches, 2)."""
    emotions, affect = session.run(list(OUTPUTS), {INPUT: faces.numpy()})
    return torch.from_numpy(emotions), torch.from_numpy(affect)
