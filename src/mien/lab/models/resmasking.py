"""ResMaskingNet (Pham et al. 2020): a ResNet-34 whose every stage is refined by a masking block.

Its pictures are 224 x 224 in 0..1, the grey plane three times. Of the checkpoints' 740 keys 120 are shortcuts named
twice, `maskK.downsampleN` for `maskK.convN.downsample`; the other 620 are this network's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.layers.pooling import pooled_width, quieten
from mien.lab.layers.residual_blocks import BasicBlock, Block, Bottleneck
from mien.lab.layers.residual_masking import GATES, Masking
from mien.lab.models.face_net import initialise
from mien.lab.models.registry import register
from mien.lab.models.residual_net import STAGES, ResidualNet

HEADS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"linear": (), "dropout1": (), "dropout2": (128,), "dropout3": (512, 128), "dropout4": (128, 128)}
)
"""Name -> the hidden layers before the last one."""
TRUNKS: Mapping[str, Block] = MappingProxyType({"resnet34": BasicBlock, "resnet50": Bottleneck})
SIDE = 32  # the trunk halves a side five times, and masks halve and double what is left


def make_head(kind: str, width: int, classes: int) -> nn.Module:
    """(n, width) -> (n, classes): `fc` of the authors' variants, whose numbers are the checkpoints'."""
    if kind == "linear":
        return nn.Linear(width, classes)
    if kind == "dropout1":
        return nn.Sequential(nn.Dropout(0.4), nn.Linear(width, classes))
    layers: list[nn.Module] = []
    for hidden in HEADS[kind]:
        layers += [nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(0.5)]
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, classes))


def check_side(height: int, width: int) -> None:
    """Raise MienError for pictures whose masks would come back to another size than they left."""
    if height % SIDE or width % SIDE or not height or not width:
        near = [max(SIDE, round(side / SIDE) * SIDE) for side in (height, width)]
        raise MienError(
            f"a picture of {height} x {width}: ResMaskingNet takes multiples of {SIDE};"
            f" set input.height = {near[0]} and input.width = {near[1]}, or 224 as published"
        )


class ResMasking(ResidualNet):
    """(n, c, h, w) -> (n, classes); the feature map is the refined one of the fourth stage.

    Args:
        gate: `softmax` or `sigmoid`, see Masking, or `none`, the authors' naive variant, which masks nothing.
        head: one of HEADS.
        pool: one of layers.pooling, of the last map.
    """

    def __init__(
        self,
        classes: int,
        channels: int,
        block: Block = BasicBlock,
        layers: Sequence[int] = (3, 4, 6, 3),
        width: int = 64,
        gate: str = "softmax",
        head: str = "linear",
        pool: str = "avg",
    ) -> None:
        super().__init__(classes, channels, block, layers, width, pool=pool)
        self.masked = gate != "none"
        if self.masked:
            for stage, wide in zip(STAGES, self.widths, strict=True):
                mask = Masking(wide, len(STAGES) + 1 - stage, gate)
                initialise(mask)
                mask.start_as_shortcuts()
                self.add_module(f"mask{stage}", mask)
        self.fc = make_head(head, pooled_width(self.widths[-1], pool), classes)
        quieten(self.fc, pool)

    def parts(self, stage: int) -> list[nn.Module]:
        own = super().parts(stage)
        return [*own, self.get_submodule(f"mask{stage}")] if self.masked else own

    def features(self, x: Tensor) -> Tensor:
        check_side(int(x.shape[2]), int(x.shape[3]))
        return super().features(x)


@register("resmasking")
def resmasking(
    classes: int,
    channels: int,
    height: int,
    width: int,
    head: str = "linear",
    gate: str = "softmax",
    trunk: str = "resnet34",
    layers: Sequence[int] = (3, 4, 6, 3),
    stem: int = 64,
    pool: str = "avg",
) -> ResMasking:
    """Head, gate and trunk by name, blocks in each stage, channels of the first convolution, pooling."""
    for key, value, known in (("head", head, HEADS), ("gate", gate, (*GATES, "none")), ("trunk", trunk, TRUNKS)):
        if value not in known:
            raise MienError(f"model.options.{key} = {value!r}, expected {' or '.join(known)}")
    check_side(height, width)
    return ResMasking(classes, channels, TRUNKS[trunk], layers, stem, gate, head, pool)


@register("resmasking_dropout1")
def resmasking_dropout1(
    classes: int,
    channels: int,
    height: int,
    width: int,
    head: str = "dropout1",
    gate: str = "softmax",
    trunk: str = "resnet34",
    layers: Sequence[int] = (3, 4, 6, 3),
    stem: int = 64,
    pool: str = "avg",
) -> ResMasking:
    """The published network: resmasking with a dropout of 0.4 before the head."""
    return resmasking(classes, channels, height, width, head, gate, trunk, layers, stem, pool)
