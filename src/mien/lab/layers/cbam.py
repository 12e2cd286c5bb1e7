"""CBAM (Woo et al. 2018): a map weighed channel by channel, then place by place.

The modules are named as in the authors' code, which OpenDR's ESR* took over: `ChannelGate.mlp.{1,3}`,
`SpatialGate.spatial.{conv,bn}`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelGate(nn.Module):
    """(n, c, h, w) -> (n, c) in 0..1: one MLP on the means and on the maxima, summed (eq. 2)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.mlp = nn.Sequential(nn.Flatten(), nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels))

    def forward(self, x: Tensor) -> Tensor:
        gate: Tensor = self.mlp(x.mean((2, 3))) + self.mlp(x.amax((2, 3)))
        return gate.sigmoid()


class SpatialConv(nn.Module):
    """(n, 2, h, w) -> (n, 1, h, w): a 7x7 convolution without bias, then batch norm."""

    def __init__(self, momentum: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.bn = nn.BatchNorm2d(1, momentum=momentum)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn(self.conv(x))
        return y


class SpatialGate(nn.Module):
    """(n, c, h, w) -> (n, 1, h, w) in 0..1, from each place's maximum and mean over the channels (eq. 3)."""

    def __init__(self, momentum: float) -> None:
        super().__init__()
        self.spatial = SpatialConv(momentum)

    def forward(self, x: Tensor) -> Tensor:
        both = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], dim=1)
        gate: Tensor = self.spatial(both)
        return gate.sigmoid()


class CBAM(nn.Module):
    """(n, c, h, w) -> (n, c, h, w), scaled by the channels' gate and then by that of the places (eq. 1).

    Args:
        channels: c.
        reduction: the MLP's hidden layer has c / reduction units.
        momentum: of the spatial gate's norm; 0.01 in the authors' code and in OpenDR's ESR*.
    """

    def __init__(self, channels: int, reduction: int = 16, momentum: float = 0.1) -> None:
        super().__init__()
        self.ChannelGate = ChannelGate(channels, reduction)
        self.SpatialGate = SpatialGate(momentum)

    def gates(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The scaled map, and both attentions in 0..1: of the channels (n, c), of the places (n, 1, h, w)."""
        channel: Tensor = self.ChannelGate(x)
        x = x * channel[:, :, None, None]
        spatial: Tensor = self.SpatialGate(x)
        return x * spatial, channel, spatial

    def forward(self, x: Tensor) -> Tensor:
        return self.gates(x)[0]
