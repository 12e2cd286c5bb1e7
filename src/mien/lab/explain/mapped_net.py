"""A FaceNet whose last feature map is a module of its own, so that Captum and hooks can be pointed at it."""

from __future__ import annotations

import difflib

import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.models.face_net import FaceNet

NO_GRADIENT = "the answer does not change with the map by any gradient, as where branches vote; use --method occlusion"


class MappedNet(nn.Module):
    """(n, c, h, w) normalised -> logits (n, k), as the network's own.

    Args:
        net: switched to inference.
        layer: name of the module whose output is looked at; "" for the last feature map.

    Raises:
        MienError: no such module, naming near ones.
    """

    def __init__(self, net: FaceNet, layer: str = "") -> None:
        super().__init__()
        self.net, self.layer = net, layer
        self.last_map = nn.Identity()
        if layer and layer not in (names := dict(net.named_modules())):
            near = ", ".join(difflib.get_close_matches(layer, names, n=3))
            parts = ", ".join(name for name, _ in net.named_children())
            hint = f"did you mean {near}?" if near else f"its parts are {parts}"
            raise MienError(f"--layer {layer}: no such part of the network; {hint}")

    def looked_at(self) -> nn.Module:
        """The module whose output heat maps are made of."""
        return self.net.get_submodule(self.layer) if self.layer else self.last_map

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net.classify(self.net.pool(self.last_map(self.net.features(x))))
        return logits

    def map_and_gradients(self, x: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        """(n, c, h, w) each: the map that is looked at, and the gradient by it of each face's column.

        Raises:
            MienError: a module that gives no map, or a network that hands no gradient on to it.
        """
        kept: list[object] = []
        # a copy: what follows may write into the output itself
        hook = self.looked_at().register_forward_hook(lambda _module, _inputs, out: _keep(kept, out))
        try:
            with torch.enable_grad():
                logits = self(x.detach().requires_grad_())
        finally:
            hook.remove()
        feature_map = self._checked(kept)
        chosen = logits.gather(1, columns[:, None]).sum()
        (gradients,) = torch.autograd.grad(chosen, feature_map, allow_unused=True)
        if gradients is None:
            raise MienError(f"--layer {self.layer}: the answer does not depend on it; choose a part of the trunk")
        if len(x) and not gradients.any():
            raise MienError(NO_GRADIENT)
        return feature_map.detach(), gradients.detach()

    def _checked(self, kept: list[object]) -> Tensor:
        last = kept[-1] if kept else None
        if not isinstance(last, Tensor) or last.ndim != 4:
            raise MienError(f"--layer {self.layer}: gives no map of rows and columns; choose a convolutional part")
        return last


def _keep(kept: list[object], out: object) -> Tensor | None:
    kept.append(out)
    return out.clone() if isinstance(out, Tensor) else None
