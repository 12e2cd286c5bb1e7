"""torchvision's networks as FaceNets: their modules, their initialisation and, behind `net.`, their keys.

A network is described by the names of torchvision's modules in the order of the forward pass; torchvision itself
builds them. With one colour the first convolution sums its kernels over the three it was drawn for, so that a grey
picture gives what the same network gives for that picture in three equal planes, as the published runs had it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models
from torchvision.models.densenet import DenseNet
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from mien.errors import MienError
from mien.lab.layers.pooling import check_pool, pooled, pooled_width, quieten
from mien.lab.models.face_net import Answer, FaceNet
from mien.lab.models.registry import register


@dataclass(frozen=True, slots=True)
class Plan:
    """Names of torchvision's modules, in the order in which a picture meets them."""

    trunk: tuple[tuple[str, ...], ...]  # stage by stage, from pixels to the last feature map
    head: str  # the last linear layer
    hidden: tuple[tuple[str, ...], ...] = ()  # fully connected stages before it; () pools by the mean
    relu: bool = False  # torchvision rectifies the last map in its forward pass, without a module
    sides: tuple[tuple[str, str], ...] = ()  # (after this module, this side head reads its output)

    def first(self) -> str:
        return self.trunk[0][0]


class TorchvisionNet(FaceNet):
    """(n, c, h, w) -> (n, classes) through torchvision's modules.

    The embedding is the last feature map, pooled, or the last hidden layer where there are such. Side heads
    run in `answer` while training, and nowhere else.

    Args:
        net: torchvision's network for three colours and max(classes, 1) classes.
        plan: how it is taken apart; without `sides` where they are not wanted.
        dropout: of the embedding, before the head; takes the place of torchvision's module.
        pool: one of layers.pooling; of nets without hidden layers.
    """

    def __init__(
        self, net: nn.Module, plan: Plan, classes: int, channels: int, dropout: float, pool: str = "avg"
    ) -> None:
        super().__init__()
        self.net, self.plan, self.dropout, self.pooling = net, plan, dropout, pool
        check_pool(pool)
        if pool == "concat":
            _widen(self.part(plan.head))
        quieten(self.part(plan.head), pool)
        if channels != 3:
            _sum_colours(net, plan.first(), channels)
        if not classes:  # a trunk without heads: torchvision's initialisation cannot divide by no classes
            _empty(self.part(plan.head))

    def part(self, name: str) -> nn.Module:
        return self.net.get_submodule(name)  # asked for by name: sync_norm puts other modules in place

    def stages(self) -> list[nn.Module]:
        side = dict(self.plan.sides)
        out: list[nn.Module] = []
        for names in (*self.plan.trunk, *self.plan.hidden):
            own = [self.part(name) for name in names]
            out.append(nn.ModuleList([*own, *(self.part(side[name]) for name in names if name in side)]))
        return [*out, self.part(self.plan.head)]

    def features(self, x: Tensor) -> Tensor:
        return self._trunk(x)[0]

    def pool(self, feature_map: Tensor) -> Tensor:
        if not self.plan.hidden:
            return pooled(feature_map, self.pooling)
        y: Tensor = self.part("avgpool")(feature_map).flatten(1)
        for names in self.plan.hidden:
            for name in names:
                y = self.part(name)(y)
        return y

    def classify(self, embedding: Tensor) -> Tensor:
        y: Tensor = self.part(self.plan.head)(F.dropout(embedding, self.dropout, self.training))
        return y

    def answer(self, x: Tensor) -> Answer:
        feature_map, sides = self._trunk(x, sides=self.training)
        embedding = self.pool(feature_map)
        return Answer(self.classify(embedding), embedding, tuple(sides))

    def side_keys(self) -> set[str]:
        """State keys of the side heads, which say what the heads say and change with them."""
        starts = tuple(f"net.{head}." for _, head in self.plan.sides)
        return {key for key in self.state_dict() if starts and key.startswith(starts)}

    def _trunk(self, x: Tensor, *, sides: bool = False) -> tuple[Tensor, list[Tensor]]:
        side = dict(self.plan.sides) if sides else {}
        said: list[Tensor] = []
        for names in self.plan.trunk:
            for name in names:
                x = self.part(name)(x)
                if name in side:
                    said.append(self.part(side[name])(x))
        return F.relu(x) if self.plan.relu else x, said


def check_size(name: str, height: int, width: int, least: int) -> None:
    """Raise MienError for pictures of which a network's pooling leaves nothing."""
    if min(height, width) < least:
        raise MienError(
            f"input.height = {height}, input.width = {width}: {name} needs pictures of at least {least} x {least}"
        )


def sum_colours(weight: Tensor, channels: int) -> Tensor:
    """(k, 3, h, w) kernels -> (k, channels, h, w) that answer equal planes alike."""
    return weight.sum(1, keepdim=True).expand(-1, channels, -1, -1) / channels


def _sum_colours(net: nn.Module, name: str, channels: int) -> None:
    conv = net.get_submodule(name)
    inner = next(module for module in conv.modules() if isinstance(module, nn.Conv2d))
    inner.weight = nn.Parameter(sum_colours(inner.weight.detach(), channels).contiguous())
    inner.in_channels = channels


def _widen(head: nn.Module) -> None:
    """Make room for the maxima beside the means, and begin anew as linear layers do."""
    assert isinstance(head, nn.Linear)
    head.in_features = pooled_width(head.in_features, "concat")
    head.weight = nn.Parameter(head.weight.new_empty(head.out_features, head.in_features))
    head.reset_parameters()


def _empty(head: nn.Module) -> None:
    assert isinstance(head, nn.Linear)
    head.weight, head.bias = nn.Parameter(head.weight.detach()[:0]), nn.Parameter(head.bias.detach()[:0])
    head.out_features = 0


_RESNET = Plan(
    trunk=(("conv1", "bn1", "relu", "maxpool"), ("layer1",), ("layer2",), ("layer3",), ("layer4",)), head="fc"
)


def _resnet(
    block: type[BasicBlock | Bottleneck], layers: Sequence[int], classes: int, channels: int, dropout: float, pool: str
) -> TorchvisionNet:
    if len(layers) != 4:
        raise MienError(f"model.options.layers = {list(layers)}, expected four")
    net = ResNet(block, list(layers), num_classes=max(classes, 1))
    return TorchvisionNet(net, _RESNET, classes, channels, dropout, pool)


@register("resnet18")
def resnet18(
    classes: int,
    channels: int,
    height: int,
    width: int,
    layers: Sequence[int] = (2, 2, 2, 2),
    dropout: float = 0.0,
    pool: str = "avg",
) -> TorchvisionNet:
    """He et al. 2016, table 1, of plain blocks; `layers` is how many blocks stand in each of the four stages.

    `pool`, one of layers.pooling: the paper takes the mean.
    """
    return _resnet(BasicBlock, layers, classes, channels, dropout, pool)


@register("resnet34")
def resnet34(
    classes: int,
    channels: int,
    height: int,
    width: int,
    layers: Sequence[int] = (3, 4, 6, 3),
    dropout: float = 0.0,
    pool: str = "avg",
) -> TorchvisionNet:
    """As resnet18, deeper."""
    return _resnet(BasicBlock, layers, classes, channels, dropout, pool)


@register("resnet50")
def resnet50(
    classes: int,
    channels: int,
    height: int,
    width: int,
    layers: Sequence[int] = (3, 4, 6, 3),
    dropout: float = 0.0,
    pool: str = "avg",
) -> TorchvisionNet:
    """Of bottlenecks, with the stride in their 3 x 3 convolution, as torchvision has them."""
    return _resnet(Bottleneck, layers, classes, channels, dropout, pool)


@register("resnet101")
def resnet101(
    classes: int,
    channels: int,
    height: int,
    width: int,
    layers: Sequence[int] = (3, 4, 23, 3),
    dropout: float = 0.0,
    pool: str = "avg",
) -> TorchvisionNet:
    """As resnet50, deeper."""
    return _resnet(Bottleneck, layers, classes, channels, dropout, pool)


@register("resnet152")
def resnet152(
    classes: int,
    channels: int,
    height: int,
    width: int,
    layers: Sequence[int] = (3, 8, 36, 3),
    dropout: float = 0.0,
    pool: str = "avg",
) -> TorchvisionNet:
    """As resnet101, deeper."""
    return _resnet(Bottleneck, layers, classes, channels, dropout, pool)


_DENSENET = (
    ("conv0", "norm0", "relu0", "pool0"),
    ("denseblock1",),
    ("transition1", "denseblock2"),
    ("transition2", "denseblock3"),
    ("transition3", "denseblock4", "norm5"),
)


def _densenet(
    name: str,
    size: tuple[int, int],
    blocks: Sequence[int],
    growth: int,
    stem: int,
    classes: int,
    channels: int,
    dropout: float,
    pool: str,
) -> TorchvisionNet:
    check_size(name, *size, least=29)
    if len(blocks) != 4:
        raise MienError(f"model.options.blocks = {list(blocks)}, expected four")
    net = DenseNet(growth, (blocks[0], blocks[1], blocks[2], blocks[3]), stem, num_classes=max(classes, 1))
    trunk = tuple(tuple(f"features.{name}" for name in stage) for stage in _DENSENET)
    return TorchvisionNet(net, Plan(trunk, "classifier", relu=True), classes, channels, dropout, pool)


@register("densenet121")
def densenet121(
    classes: int,
    channels: int,
    height: int,
    width: int,
    blocks: Sequence[int] = (6, 12, 24, 16),
    growth: int = 32,
    stem: int = 64,
    dropout: float = 0.0,
    pool: str = "avg",
) -> TorchvisionNet:
    """Huang et al. 2017, table 1: layers in each dense block, maps that a layer adds, maps of the first."""
    return _densenet("densenet121", (height, width), blocks, growth, stem, classes, channels, dropout, pool)


@register("densenet201")
def densenet201(
    classes: int,
    channels: int,
    height: int,
    width: int,
    blocks: Sequence[int] = (6, 12, 48, 32),
    growth: int = 32,
    stem: int = 64,
    dropout: float = 0.0,
    pool: str = "avg",
) -> TorchvisionNet:
    """As densenet121, deeper."""
    return _densenet("densenet201", (height, width), blocks, growth, stem, classes, channels, dropout, pool)


def _cut(net: nn.Module, kind: type[nn.Module]) -> tuple[tuple[str, ...], ...]:
    """Names in `net.features`, cut after each module of a kind."""
    stages: list[tuple[str, ...]] = []
    names: list[str] = []
    for name, module in net.get_submodule("features").named_children():
        names.append(f"features.{name}")
        if isinstance(module, kind):
            stages.append(tuple(names))
            names = []
    return (*stages, tuple(names)) if names else tuple(stages)


@register("vgg19")
def vgg19(classes: int, channels: int, height: int, width: int, dropout: float = 0.5) -> TorchvisionNet:
    """Simonyan and Zisserman 2015, column E, without batch norm; the embedding is the second hidden layer."""
    check_size("vgg19", height, width, least=32)
    net = models.vgg19(num_classes=max(classes, 1), dropout=dropout)
    first, second = ("classifier.0", "classifier.1", "classifier.2"), ("classifier.3", "classifier.4")
    plan = Plan(_cut(net, nn.MaxPool2d), "classifier.6", hidden=(first, second))
    return TorchvisionNet(net, plan, classes, channels, dropout)


@register("alexnet")
def alexnet(classes: int, channels: int, height: int, width: int, dropout: float = 0.5) -> TorchvisionNet:
    """Krizhevsky 2014, "One weird trick", in torchvision's form; dropout stands before each hidden layer."""
    check_size("alexnet", height, width, least=63)
    net = models.alexnet(num_classes=max(classes, 1), dropout=dropout)
    first, second = (
        ("classifier.0", "classifier.1", "classifier.2"),
        ("classifier.3", "classifier.4", "classifier.5"),
    )
    plan = Plan(_cut(net, nn.MaxPool2d), "classifier.6", hidden=(first, second))
    return TorchvisionNet(net, plan, classes, channels, 0.0)


@register("efficientnet_b2")
def efficientnet_b2(
    classes: int,
    channels: int,
    height: int,
    width: int,
    dropout: float = 0.3,
    stochastic_depth: float = 0.2,
    pool: str = "avg",
) -> TorchvisionNet:
    """Tan and Le 2019; in training whole blocks are left out at random, the last with `stochastic_depth`.

    The head starts as linear layers do: torchvision's range, one over the square root of the classes, was meant for a
    thousand; with seven the loss begins at twice that of guessing.
    """
    net = models.efficientnet_b2(num_classes=max(classes, 1), dropout=dropout, stochastic_depth_prob=stochastic_depth)
    net.classifier[1].reset_parameters()
    trunk = tuple((f"features.{name}",) for name, _ in net.features.named_children())
    return TorchvisionNet(net, Plan(trunk, "classifier.1"), classes, channels, dropout, pool)
