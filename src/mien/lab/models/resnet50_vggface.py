"""ResNet-50 as VGGFace2's authors trained it in Caffe, under the keys of its known conversion.

It differs from torchvision's: a bottleneck's stride stands in its first 1 x 1 convolution, the max-pooling has no
padding and rounds up, and the head is a 1 x 1 convolution. The original pools 7 x 7 at 224 x 224; the mean over
whatever map there is is the same there and lets other sizes in.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from mien.lab.models.face_net import FaceNet, initialise
from mien.lab.models.registry import register

_BLOCKS = (3, 4, 6, 3)
_WIDTHS = (64, 128, 256, 512)


class ResNet50VGGFace(FaceNet):
    """(n, c, h, w) -> (n, classes); keys conv1_7x7_s2, conv2_1_1x1_reduce and so on to classifier."""

    def __init__(self, classes: int, channels: int) -> None:
        super().__init__()
        self.norm("conv1_7x7_s2", nn.Conv2d(channels, 64, 7, 2, 3, bias=False))
        into = 64
        for stage, (blocks, width) in enumerate(zip(_BLOCKS, _WIDTHS, strict=True), start=2):
            for block in range(1, blocks + 1):
                name, stride = f"conv{stage}_{block}_", 2 if stage > 2 and block == 1 else 1
                self.norm(f"{name}1x1_reduce", nn.Conv2d(into, width, 1, stride, bias=False))
                self.norm(f"{name}3x3", nn.Conv2d(width, width, 3, 1, 1, bias=False))
                self.norm(f"{name}1x1_increase", nn.Conv2d(width, 4 * width, 1, bias=False))
                if block == 1:
                    self.norm(f"{name}1x1_proj", nn.Conv2d(into, 4 * width, 1, stride, bias=False))
                into = 4 * width
        self.classifier = nn.Conv2d(into, classes, 1)
        initialise(self)
        self.classifier.reset_parameters()  # a head, whose fan-out is no more than the classes

    def norm(self, name: str, conv: nn.Conv2d) -> None:
        """Add a convolution and the batch norm after it, whose name ends in _bn."""
        self.add_module(name, conv)
        self.add_module(f"{name}_bn", nn.BatchNorm2d(conv.out_channels))

    def stages(self) -> list[nn.Module]:
        parts = list(self.named_children())
        starts = ("conv1_", "conv2_", "conv3_", "conv4_", "conv5_")
        trunk = [nn.ModuleList([part for name, part in parts if name.startswith(start)]) for start in starts]
        return [*trunk, self.classifier]

    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self._apply_norm("conv1_7x7_s2", x)), 3, 2, ceil_mode=True)
        for stage, blocks in enumerate(_BLOCKS, start=2):
            for block in range(1, blocks + 1):
                x = self._bottleneck(f"conv{stage}_{block}_", x, project=block == 1)
        return x

    def pool(self, feature_map: Tensor) -> Tensor:
        return feature_map.mean((2, 3))

    def classify(self, embedding: Tensor) -> Tensor:
        y: Tensor = self.classifier(embedding[:, :, None, None])
        return y.flatten(1)

    def _apply_norm(self, name: str, x: Tensor) -> Tensor:
        y: Tensor = self.get_submodule(f"{name}_bn")(self.get_submodule(name)(x))
        return y

    def _bottleneck(self, name: str, x: Tensor, *, project: bool) -> Tensor:
        y = F.relu(self._apply_norm(f"{name}1x1_reduce", x))
        y = F.relu(self._apply_norm(f"{name}3x3", y))
        y = self._apply_norm(f"{name}1x1_increase", y)
        return F.relu(y + (self._apply_norm(f"{name}1x1_proj", x) if project else x))


@register("resnet50_vggface")
def resnet50_vggface(classes: int, channels: int, height: int, width: int) -> ResNet50VGGFace:
    """Cao et al. 2018; weights trained on VGGFace2 load through `model.weights = FILE`."""
    return ResNet50VGGFace(classes, channels)
