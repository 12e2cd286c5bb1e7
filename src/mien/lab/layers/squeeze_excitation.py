"""Squeeze-and-excitation (Hu et al. 2018, eq. 2 to 4): channels weighed by their means."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class SqueezeExcitation(nn.Module):
    """(n, c, h, w) -> (n, c, h, w), each channel scaled by a gate in 0..1."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // reduction, 1)
        self.excite = nn.Conv2d(channels // reduction, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = F.relu(self.squeeze(x.mean((2, 3), keepdim=True)))
        scale: Tensor = self.excite(gate).sigmoid()
        return x * scale
