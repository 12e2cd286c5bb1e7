"""`symmetric`: the shape of `small`, of layers that commute with a mirror; a face and its mirror image are told alike.

Whatever an emotion's label is, it does not change in a mirror, and people hold cameras that mirror. `small` learns that
from mirrored examples, nearly; here it holds exactly, for faces of a side that divides by 8, and costs nothing: the
time of `small` at the same widths with half of its parameters.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError
from mien.lab.layers.mirrored import MirroredConv2d, MirroredNorm2d, both_halves, plain
from mien.lab.models.face_net import FaceNet, initialise
from mien.lab.models.registry import register


def conv_norm(into: int, out: int, kernel: int = 3, stride: int = 1, lifts: bool = False) -> nn.Sequential:
    """A mirrored convolution and its norm."""
    return nn.Sequential(MirroredConv2d(into, out, kernel, stride, lifts), MirroredNorm2d(out))


class SymmetricBlock(nn.Module):
    """Two convolutions, 3x3 or, where it halves, first 4x4, and a shortcut."""

    def __init__(self, into: int, out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.first = conv_norm(into, out, kernel=4 if stride == 2 else 3, stride=stride)
        self.second = conv_norm(out, out)
        shortcut: list[nn.Module] = [nn.AvgPool2d(2)] if stride == 2 else []
        if stride == 2 or into != out:
            shortcut.append(conv_norm(into, out, kernel=1))
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(F.relu(self.first(x)))
        return F.relu(y + self.shortcut(x))


class Symmetric(FaceNet):
    """(n, c, h, w) -> (n, classes); feature map and embedding have widths[-1] / 2 channels, the means of pairs."""

    def __init__(
        self, classes: int, channels: int, widths: Sequence[int], depths: Sequence[int], dropout: float
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_norm(channels, widths[0], kernel=6, stride=2, lifts=True), nn.ReLU())
        blocks: list[nn.Module] = []
        into = widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            for index in range(depth):
                blocks.append(SymmetricBlock(into, width, 2 if stage and not index else 1))
                into = width
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(into // 2, classes)
        initialise(self)
        with torch.no_grad():  # it takes half of the channels that leave a layer for all
            for module in self.modules():
                if isinstance(module, MirroredConv2d):
                    module.weight *= 0.5**0.5

    def stages(self) -> list[nn.Module]:
        starts = [i for i, block in enumerate(self.blocks) if isinstance(block, SymmetricBlock) and block.stride > 1]
        cuts = [0, *starts, len(self.blocks)]
        return [self.stem, *(self.blocks[a:b] for a, b in itertools.pairwise(cuts)), self.head]

    def features(self, x: Tensor) -> Tensor:
        return both_halves(self.blocks(self.stem(x)))

    def pool(self, feature_map: Tensor) -> Tensor:
        return feature_map.mean((2, 3))

    def classify(self, embedding: Tensor) -> Tensor:
        y: Tensor = self.head(self.dropout(embedding))
        return y

    def plain(self) -> FaceNet:
        net = copy.deepcopy(self)
        plain(net)
        return net


@register("symmetric")
def symmetric(
    classes: int,
    channels: int,
    height: int,
    width: int,
    widths: Sequence[int] = (32, 64, 128),
    depths: Sequence[int] = (1, 2, 2),
    dropout: float = 0.05,
) -> Symmetric:
    """Any input of 16 x 16 or more; of a side that does not divide by 8 the mirror image differs a little.

    Raises:
        MienError: a width that is odd.
    """
    if odd := [w for w in widths if w % 2]:
        raise MienError(f"model.options.widths: {odd[0]} is odd; channels come in pairs here")
    return Symmetric(classes, channels, widths, depths, dropout)
