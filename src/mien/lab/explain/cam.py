"""CAM of networks whose last map is averaged and read by one linear layer."""

from __future__ import annotations

import torch
from torch import Tensor

from mien.errors import MienError
from mien.lab.explain.mapped_net import NO_GRADIENT, MappedNet
from mien.lab.explain.registry import method

TOLERANCE = 1e-4
REMEDY = "use --method grad-cam"


@method("cam")
def cam(net: MappedNet, x: Tensor, columns: Tensor) -> Tensor:
    """Zhou et al. 2016, eq. 2: (n, h', w'), signed.

    Raises:
        MienError: a network that pools or reads otherwise.
    """
    with torch.no_grad():
        feature_map = net.net.features(x)
    embedding = net.net.pool(feature_map).detach()
    if embedding.shape != feature_map.shape[:2] or not _near(feature_map.mean((2, 3)), embedding):
        raise MienError(f"cam needs a network that reads the mean of its last map; {REMEDY}")
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
    return torch.einsum("nc,nchw->nhw", weights, feature_map)


def _near(a: Tensor, b: Tensor) -> bool:
    return not a.numel() or bool((a - b).abs().max() <= TOLERANCE * b.abs().max().clamp_min(1e-6))
