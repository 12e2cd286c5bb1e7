"""The blocks of He et al. 2016 with torchvision's keys, and room for an attention before the shortcut is added."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional as F

Attention = Callable[[int], nn.Module]
"""Channels -> a module from a map to a map of the same shape."""


def projection(into: int, out: int, stride: int) -> nn.Sequential | None:
    """1x1 convolution and norm where a block's shortcut must change the shape; None where it need not."""
    if stride == 1 and into == out:
        return None
    return nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))


class BasicBlock(nn.Module):
    """(n, into, h, w) -> (n, width, h / stride, w / stride): two 3x3 convolutions and a shortcut."""

    expansion: ClassVar[int] = 1  # channels that come out, of each of `width`

    def __init__(self, into: int, width: int, stride: int = 1, attention: Attention | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(into, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.attention = attention(width) if attention else None
        self.downsample = projection(into, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.attention is not None:
            y = self.attention(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """(n, into, h, w) -> (n, 4 width, h / stride, w / stride): 1x1, 3x3 with the stride, 1x1, and a shortcut."""

    expansion: ClassVar[int] = 4

    def __init__(self, into: int, width: int, stride: int = 1, attention: Attention | None = None) -> None:
        super().__init__()
        out = self.expansion * width
        self.conv1 = nn.Conv2d(into, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.attention = attention(out) if attention else None
        self.downsample = projection(into, out, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        y = self.bn3(self.conv3(y))
        if self.attention is not None:
            y = self.attention(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


Block = type[BasicBlock] | type[Bottleneck]
