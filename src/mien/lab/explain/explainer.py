"""A run that explains itself by its gradients, at any layer, and forgets all it has learnt when asked to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mien.lab.explain.mapped_net import MappedNet
from mien.lab.explain.registry import methods
from mien.lab.models.face_net import FaceNet
from mien.lab.models.registry import create
from mien.lab.predict import TorchPredictor, load_net
from mien.lab.train.device import pick_device
from mien.model_spec import ModelSpec

ALL = "all weights"
_BATCH = 32


class TorchExplainer(TorchPredictor):
    """See `mien.evaluate.explain.explainer.Explainer`."""

    def __init__(self, net: FaceNet, spec: ModelSpec, device: torch.device) -> None:
        super().__init__(net.eval(), spec, device)

    def maps(
        self, crops: NDArray[np.uint8], columns: NDArray[np.int64], method: str, layer: str = ""
    ) -> NDArray[np.float32]:
        """(n, h', w') by a way of `registry.methods`, at the layer's own fineness.

        Raises:
            MienError: a layer or network for which that cannot be made.
        """
        make, net = methods()[method], MappedNet(self.net, layer)
        out = []
        for start in range(0, len(crops), _BATCH):
            asked = torch.from_numpy(columns[start : start + _BATCH]).to(self.device)
            out.append(make(net, self.inputs(crops[start : start + _BATCH]), asked).float().cpu().numpy())
        return np.concatenate(out) if out else np.zeros((0, 1, 1), np.float32)

    def randomised(self, seed: int = 0) -> tuple[TorchExplainer, str]:
        """The same architecture as it is before it learns: Adebayo et al. 2018, section 3, all layers at once."""
        spec = self.spec
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            net = create(
                spec.architecture, spec.heads, channels=spec.channels, height=spec.height, width=spec.width,
                **spec.architecture_options,
            )  # fmt: skip
        return TorchExplainer(net, spec, self.device), ALL


def open_run_explainer(path: str | Path, device: str = "auto") -> TorchExplainer:
    """An explainer from a run folder or a .safetensors file.

    Raises:
        MienError: see `mien.lab.predict.load_net`.
    """
    net, spec = load_net(path)
    return TorchExplainer(net, spec, pick_device(device))
