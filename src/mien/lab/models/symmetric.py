"""`symmetric`: the shape of `small`, of layers that commute with a mirror; a face and its mirror image are told alike.

Whatever an emotion's label is, it does not change in a mirror, and people hold cameras that mirror. `small` learns that
from mirrored examples, nearly; here it holds exactly, for faces of a side that divides by 8, with half of the
parameters that `small` has at the same widths and a tenth more arithmetic, for a kernel that halves evenly is 4x4.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.layers.mirrored import MirroredConv2d, MirroredNorm2d, both_halves, plain
from mien.lab.models.face_net import FaceNet
from mien.lab.models.registry import register
from mien.lab.models.small import Block, StagedNet, staged


def conv_norm(into: int, out: int, kernel: int = 3, stride: int = 1, lifts: bool = False) -> nn.Sequential:
    """A mirrored convolution and its norm."""
    return nn.Sequential(MirroredConv2d(into, out, kernel, stride, lifts), MirroredNorm2d(out))


class Symmetric(StagedNet):
    """(n, c, h, w) -> (n, classes); feature map and embedding have widths[-1] / 2 channels, the means of pairs."""

    def __init__(
        self, classes: int, channels: int, widths: Sequence[int], depths: Sequence[int], dropout: float
    ) -> None:
        def block(into: int, out: int, stride: int) -> Block:
            return Block(into, out, stride, 0, conv_norm, halving=4)

        stem = nn.Sequential(conv_norm(channels, widths[0], kernel=6, stride=2, lifts=True), nn.ReLU())
        blocks = staged(widths, depths, block)
        super().__init__(stem, blocks, nn.Linear(widths[-1] // 2, classes), dropout, "avg")
        with torch.no_grad():  # `initialise` takes half of the channels that leave a layer for all
            for module in self.modules():
                if isinstance(module, MirroredConv2d):
                    module.weight *= 0.5**0.5

    def features(self, x: Tensor) -> Tensor:
        return both_halves(super().features(x))

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
