"""The ResNet on which the attention nets stand: torchvision's, key for key, so that its ImageNet weights fit."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError
from mien.lab.layers.pooling import pooled, pooled_width, quieten
from mien.lab.layers.residual_blocks import Attention, Block
from mien.lab.models.face_net import FaceNet, initialise

STAGES = (1, 2, 3, 4)


class ResidualNet(FaceNet):
    """(n, c, h, w) -> (n, classes); keys conv1, bn1, layer1 to layer4, fc.

    Subclasses put modules before or after a stage by `parts`.

    Args:
        classes: of the head.
        channels: c.
        block: BasicBlock or Bottleneck.
        layers: blocks in each of the four stages.
        width: of the first stage; each later one has twice as much.
        attention: put into every block.
        pool: one of layers.pooling, of the last map.
    """

    def __init__(
        self,
        classes: int,
        channels: int,
        block: Block,
        layers: Sequence[int],
        width: int = 64,
        attention: Attention | None = None,
        pool: str = "avg",
    ) -> None:
        if len(layers) != len(STAGES):
            raise MienError(f"model.options.layers = {list(layers)}, expected {len(STAGES)}: blocks in each stage")
        super().__init__()
        self.pooling = pool
        self.conv1 = nn.Conv2d(channels, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.widths = [block.expansion * width * 2 ** (stage - 1) for stage in STAGES]  # of the stages' maps
        into = width
        for stage, count, out in zip(STAGES, layers, self.widths, strict=True):
            blocks: list[nn.Module] = []
            for index in range(count):
                stride = 2 if stage > 1 and index == 0 else 1
                blocks.append(block(into, out // block.expansion, stride, attention))
                into = out
            self.add_module(f"layer{stage}", nn.Sequential(*blocks))
        self.fc: nn.Module = nn.Linear(pooled_width(into, pool), classes)
        initialise(self)
        quieten(self.fc, pool)

    def parts(self, stage: int) -> list[nn.Module]:
        """Modules of a stage in the order of the forward pass, each from a map to a map."""
        return [self.get_submodule(f"layer{stage}")]

    def stages(self) -> list[nn.Module]:
        return [
            nn.ModuleList([self.conv1, self.bn1]),
            *(nn.ModuleList(self.parts(stage)) for stage in STAGES),
            self.fc,
        ]

    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in STAGES:
            for part in self.parts(stage):
                x = part(x)
        return x

    def pool(self, feature_map: Tensor) -> Tensor:
        return pooled(feature_map, self.pooling)

    def classify(self, embedding: Tensor) -> Tensor:
        y: Tensor = self.fc(embedding)
        return y
