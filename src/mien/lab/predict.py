"""A run's weights as a predictor: pixels in, logits out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mien.errors import MienError
from mien.lab.models.face_net import FaceNet, channels_last
from mien.lab.models.registry import create
from mien.lab.train.checkpoint import fill, load_weights
from mien.lab.train.device import pick_device
from mien.model_spec import ModelSpec
from mien.runtime.expression_space import is_generator

PREFERRED = ("final", "best", "last")


def weights_of(path: str | Path) -> Path:
    """The weights file of a run: its final weights, while it still runs its best, or a .safetensors as given.

    Raises:
        MienError: a folder without weights.
    """
    given = Path(path)
    if not given.is_dir():
        return given
    for which in PREFERRED:
        if (given / f"{which}.safetensors").exists():
            return given / f"{which}.safetensors"
    raise MienError(f"{given}: no weights in it; a run folder holds best, last or final.safetensors")


def load_net(path: str | Path) -> tuple[FaceNet, ModelSpec]:
    """The network of a run folder or .safetensors file, on the CPU and switched to inference.

    Raises:
        MienError: files that are missing, broken or do not fit the architecture, naming the first key.
    """
    file = weights_of(path)
    tensors, spec = load_weights(file)
    if is_generator(spec):
        raise MienError(
            f"{file}: a generator, which names no emotions; `mien edit` and `mien evaluate --judge` take it"
        )
    net = create(
        spec.architecture,
        spec.heads,
        channels=spec.channels,
        height=spec.height,
        width=spec.width,
        **spec.architecture_options,
    )
    fill(net, tensors, spec, file)
    return net.eval(), spec


class TorchPredictor:
    """Answers as an exported model does, in float32."""

    def __init__(self, net: FaceNet, spec: ModelSpec, device: torch.device) -> None:
        self.spec, self.device = spec, device
        self.net = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean, self.std = (torch.tensor(v, device=device)[:, None, None] for v in (spec.mean, spec.std))

    def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) -> float32 (n, k)."""
        return self.said(crops, batch)[0]

    @torch.no_grad()
    def said(
        self, crops: NDArray[np.uint8], batch: int = 256
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The logits, and what each branch says, (n, branches, k), where there are any."""
        width, branches = sum(len(head.labels) for head in self.spec.heads), self.net.branches
        out = [np.zeros((0, width), np.float32)]
        each = [np.zeros((0, branches, width), np.float32)]
        for start in range(0, len(crops), batch):
            x = self.inputs(crops[start : start + batch])
            if not branches:
                out.append(self.net(x).float().cpu().numpy())
                continue
            embedding = self.net.pool(self.net.features(x))
            out.append(self.net.classify(embedding).float().cpu().numpy())
            each.append(self.net.branch_logits(embedding).float().cpu().numpy())
        return np.concatenate(out), np.concatenate(each) if branches else None

    @torch.no_grad()
    def embeddings(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
        """uint8 (n, h, w, c) -> float32 (n, d), what the heads read."""
        parts = [crops[start : start + batch] for start in range(0, len(crops), batch)] or [crops]
        found = [self.net.pool(self.net.features(self.inputs(part))).float().cpu().numpy() for part in parts]
        return np.concatenate(found)

    def inputs(self, crops: NDArray[np.uint8]) -> torch.Tensor:
        """uint8 (n, h, w, c) -> the network's input (n, c, h, w) on its device, normalised."""
        pixels = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2))).to(self.device)
        return channels_last((pixels.float() / 255 - self.mean) / self.std)


def open_run(path: str | Path, device: str = "auto") -> TorchPredictor:
    """A predictor from a run folder or a .safetensors file.

    Raises:
        MienError: see `load_net`.
    """
    net, spec = load_net(path)
    return TorchPredictor(net, spec, pick_device(device))
