"""`small`: our own residual net for 48 x 48 grey faces.

The first two convolutions bring 48 x 48 down to 24 x 24 at once, and the width goes where kernels are cheap
to multiply: on a CPU a step at full resolution is bound by memory, not by arithmetic. Blocks are those of
He et al. 2016 with squeeze-and-excitation, shortcuts average before they project (ResNet-D, He et al. 2019).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError
from mien.lab.layers.pooling import pooled, pooled_width, quieten
from mien.lab.layers.squeeze_excitation import SqueezeExcitation
from mien.lab.models.face_net import FaceNet, initialise
from mien.lab.models.registry import register

NORMS = ("batch", "group")
Conv = Callable[[int, int, int, int], nn.Module]
_GROUPS = 8  # of group norm, fewer where they do not divide the channels


def conv_norm(into: int, out: int, kernel: int = 3, stride: int = 1, norm: str = "batch") -> nn.Sequential:
    """Convolution without bias, then batch norm, or group norm, which looks at one face alone."""
    conv = nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out) if norm == "batch" else nn.GroupNorm(math.gcd(_GROUPS, out), out))


class Block(nn.Module):
    """Two 3x3 convolutions, a gate unless `reduction` is 0, and a shortcut.

    Args:
        conv: makes a convolution and its norm of (into, out, kernel, stride), as `conv_norm` does.
        halving: kernel of the first convolution where the block halves; an odd side is then rounded up by an odd
            kernel, down by an even one.
    """

    def __init__(self, into: int, out: int, stride: int, reduction: int, conv: Conv, halving: int = 3) -> None:
        super().__init__()
        self.stride = stride
        self.first = conv(into, out, halving if stride > 1 else 3, stride)
        self.second = conv(out, out, 3, 1)
        self.gate = SqueezeExcitation(out, reduction) if reduction else nn.Identity()
        shortcut: list[nn.Module] = []
        if stride > 1:
            shortcut.append(nn.AvgPool2d(stride, stride, ceil_mode=bool(halving % 2)))
        if stride > 1 or into != out:
            shortcut.append(conv(into, out, 1, 1))
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: Tensor) -> Tensor:
        y = self.gate(self.second(F.relu(self.first(x))))
        return F.relu(y + self.shortcut(x))


class StagedNet(FaceNet):
    """A stem, blocks whose strides begin stages, and a linear head on the pooled last feature map."""

    def __init__(self, stem: nn.Module, blocks: Sequence[Block], head: nn.Linear, dropout: float, pool: str) -> None:
        super().__init__()
        self.pooling = pool
        self.stem = stem
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = head
        initialise(self)
        quieten(self.head, pool)

    def stages(self) -> list[nn.Module]:
        starts = [i for i, block in enumerate(self.blocks) if isinstance(block, Block) and block.stride > 1]
        cuts = [0, *starts, len(self.blocks)]
        stages = [self.blocks[a:b] for a, b in itertools.pairwise(cuts)]
        return [self.stem, *stages, self.head]

    def features(self, x: Tensor) -> Tensor:
        y: Tensor = self.blocks(self.stem(x))
        return y

    def pool(self, feature_map: Tensor) -> Tensor:
        return pooled(feature_map, self.pooling)

    def classify(self, embedding: Tensor) -> Tensor:
        y: Tensor = self.head(self.dropout(embedding))
        return y


class Small(StagedNet):
    """(n, c, h, w) -> (n, classes); the embedding is the last feature map, pooled: (n, widths[-1]), or twice that."""

    def __init__(
        self,
        classes: int,
        channels: int = 1,
        widths: Sequence[int] = (64, 128, 256),
        depths: Sequence[int] = (2, 2, 2),
        stem: int = 32,
        dropout: float = 0.2,
        reduction: int = 8,
        norm: str = "batch",
        pool: str = "avg",
    ) -> None:
        def block(into: int, out: int, stride: int) -> Block:
            return Block(into, out, stride, reduction, partial(conv_norm, norm=norm))

        first = _stem(channels, stem, widths[0], norm)
        blocks = staged(widths, depths, block)
        head = nn.Linear(pooled_width(widths[-1], pool), classes)
        super().__init__(first, blocks, head, dropout, pool)


def staged(widths: Sequence[int], depths: Sequence[int], block: Callable[[int, int, int], Block]) -> list[Block]:
    """`block(into, out, stride)`, `depths` times for each of `widths`; all stages but the first begin by halving."""
    blocks = []
    into = widths[0]
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        for index in range(depth):
            blocks.append(block(into, width, 2 if stage and not index else 1))
            into = width
    return blocks


def _stem(channels: int, width: int, out: int, norm: str) -> nn.Sequential:
    """(n, channels, h, w) -> (n, out, h / 2, w / 2), through `width` channels at full size or, if 0, at once."""
    if not width:
        return nn.Sequential(conv_norm(channels, out, kernel=5, stride=2, norm=norm), nn.ReLU())
    first, second = conv_norm(channels, width, norm=norm), conv_norm(width, out, stride=2, norm=norm)
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU())


@register("small")
def small(
    classes: int,
    channels: int,
    height: int,
    width: int,
    widths: Sequence[int] = (64, 128, 256),
    depths: Sequence[int] = (2, 2, 2),
    stem: int = 32,
    dropout: float = 0.2,
    reduction: int = 8,
    norm: str = "batch",
    pool: str = "avg",
) -> Small:
    """Any input of 16 x 16 or more: the pooling adapts. `pool` is one of layers.pooling.

    `reduction` = 0 leaves the gates out and `stem` = 0 the convolution at full size: what a net of a fraction of a
    millisecond spends most of its time on.
    """
    if norm not in NORMS:
        raise MienError(f"model.options.norm = {norm!r}, expected {' or '.join(NORMS)}")
    return Small(classes, channels, widths, depths, stem, dropout, reduction, norm, pool)
