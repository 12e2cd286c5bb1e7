"""CAM of networks whose last map is pooled and read by one linear layer."""

from __future__ import annotations

import torch
from torch import Tensor

from mien.errors import MienError
from mien.lab.explain.mapped_net import NO_GRADIENT, MappedNet
from mien.lab.explain.registry import method
from mien.lab.layers.pooling import pooled
from mien.runtime.heat_map import POOLINGS

TOLERANCE = 1e-4
REMEDY = "use --method grad-cam"


@method("cam")
def cam(net: MappedNet, x: Tensor, columns: Tensor) -> Tensor:
    """Zhou et al. 2016, eq. 2: (n, h', w'), signed; of a maximum as `mien.runtime.heat_map.cam` has it.

    Raises:
        MienError: a network that pools or reads otherwise.
    """
    with torch.no_grad():
        feature_map = net.net.features(x)
    embedding = net.net.pool(feature_map).detach()
    pooling = next((p for p in POOLINGS if _near(pooled(feature_map, p), embedding)), "")
    if not pooling:
        raise MienError(f"cam needs a network that reads the mean of its last map, its maximum or both; {REMEDY}")
    with torch.enable_grad():
        asked = embedding.clone().requires_grad_()
        said = net.net.classify(asked).gather(1, columns[:, None])[:, 0]
        (weights,) = torch.autograd.grad(said.sum(), asked)
    if len(x) and not weights.any():
        raise MienError(f"cam: {NO_GRADIENT}")
    with torch.no_grad():
        nothing = net.net.classify(torch.zeros_like(embedding)).gather(1, columns[:, None])[:, 0]
    if not _near((weights * embedding).sum(1), said.detach() - nothing):
        raise MienError(f"cam needs one linear layer behind the last map; {REMEDY}")
    return _map(feature_map, weights, pooling)


def _map(feature_map: Tensor, weights: Tensor, pooling: str) -> Tensor:
    """The map whose mean is the output without its bias."""
    if pooling == "avg":
        return torch.einsum("nc,nchw->nhw", weights, feature_map)
    with torch.enable_grad():
        cells = feature_map.clone().requires_grad_()
        (gradients,) = torch.autograd.grad((weights * pooled(cells, pooling)).sum(), cells)
    return feature_map.shape[2] * feature_map.shape[3] * (feature_map * gradients).sum(1)


def _near(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and (
        not a.numel() or bool((a - b).abs().max() <= TOLERANCE * b.abs().max().clamp_min(1e-6))
    )
