"""ResNet with CBAM in every block, before the shortcut is added (Woo et al. 2018, figure 3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mien.lab.layers.cbam import CBAM
from mien.lab.layers.residual_blocks import Bottleneck
from mien.lab.models.registry import register
from mien.lab.models.residual_net import ResidualNet


@register("cbam_resnet50")
def cbam_resnet50(
    classes: int,
    channels: int,
    height: int,
    width: int,
    layers: Sequence[int] = (3, 4, 6, 3),
    stem: int = 64,
    reduction: int = 16,
    momentum: float = 0.1,
    pool: str = "avg",
) -> ResidualNet:
    """Blocks in each stage, channels of the first convolution, CBAM's reduction, its norm's momentum, pooling."""
    attention = partial(CBAM, reduction=reduction, momentum=momentum)
    return ResidualNet(classes, channels, Bottleneck, layers, stem, attention, pool)
