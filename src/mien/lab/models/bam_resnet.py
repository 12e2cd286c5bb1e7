"""ResNet with BAM between its stages (Park et al. 2018, figure 1)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from mien.lab.layers.bam import BAM
from mien.lab.layers.residual_blocks import Block, Bottleneck
from mien.lab.models.face_net import initialise
from mien.lab.models.registry import register
from mien.lab.models.residual_net import STAGES, ResidualNet


class BAMResNet(ResidualNet):
    """A ResidualNet whose second, third and fourth stage begin with `bam2`, `bam3` and `bam4`."""

    def __init__(
        self,
        classes: int,
        channels: int,
        block: Block,
        layers: Sequence[int],
        width: int,
        reduction: int,
        join: str,
        pool: str = "avg",
    ) -> None:
        super().__init__(classes, channels, block, layers, width, pool=pool)
        for stage, before in zip(STAGES[1:], self.widths, strict=False):
            bam = BAM(before, reduction, join=join)
            initialise(bam)
            self.add_module(f"bam{stage}", bam)

    def parts(self, stage: int) -> list[nn.Module]:
        own = super().parts(stage)
        return own if stage == STAGES[0] else [self.get_submodule(f"bam{stage}"), *own]


@register("bam_resnet50")
def bam_resnet50(
    classes: int,
    channels: int,
    height: int,
    width: int,
    layers: Sequence[int] = (3, 4, 6, 3),
    stem: int = 64,
    reduction: int = 16,
    join: str = "product",
    pool: str = "avg",
) -> BAMResNet:
    """Blocks in each stage, channels of the first convolution, BAM's reduction, how it joins its paths, pooling."""
    return BAMResNet(classes, channels, Bottleneck, layers, stem, reduction, join, pool)
