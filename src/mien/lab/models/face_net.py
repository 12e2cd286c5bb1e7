"""FaceNet: what every network here has in common, and what export, CAM and ensembles rely on."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn


class Answer(NamedTuple):
    """What a network says while it learns; inference needs `logits` alone."""

    logits: Tensor  # (n, k) the heads side by side
    embedding: Tensor  # (n, e)
    sides: tuple[
        Tensor, ...
    ] = ()  # (n, k) each: logits of side heads, which learn beside the head and are not exported
    extra: Tensor | None = None  # scalar: a loss of the network's own, such as the branches' likeness


class FaceNet(nn.Module):
    """A network in three steps, so that each can be exported.

    Subclasses define `features`, `pool` and `classify`:
        features: (n, c, h, w) float, normalised -> the last feature map (n, d, h', w')
        pool: feature map -> embedding (n, e)
        classify: embedding -> logits (n, k), the heads side by side in the ModelSpec's order

    Networks whose papers train more than the head override `answer`; those made of branches that vote set
    `branches` and define `branch_logits`.

    Attributes:
        side_weights: the papers' weights of the losses of `Answer.sides`; () where there are none.
        branches: how many branches vote; 0 for a network that answers once.
    """

    side_weights: ClassVar[tuple[float, ...]] = ()
    branches: int = 0

    def features(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def pool(self, feature_map: Tensor) -> Tensor:
        raise NotImplementedError

    def classify(self, embedding: Tensor) -> Tensor:
        raise NotImplementedError

    def branch_logits(self, embedding: Tensor) -> Tensor:
        """Embedding -> what each branch says, (n, branches, k); of networks with branches."""
        raise NotImplementedError

    def head_keys(self) -> set[str]:
        """State keys of the last stage, which holds the heads, wherever in the network they stand."""
        last = self.stages()[-1]
        held = {id(tensor) for tensor in (*last.parameters(), *last.buffers())}
        return {key for key, tensor in self.state_dict(keep_vars=True).items() if id(tensor) in held}

    def side_keys(self) -> set[str]:
        """State keys of side heads, which say what the heads say and change with them."""
        return set()

    def answer(self, x: Tensor) -> Answer:
        """What is learnt from: the logits, and what else the network's paper trains."""
        embedding = self.pool(self.features(x))
        return Answer(self.classify(embedding), embedding)

    def stages(self) -> list[nn.Module]:
        """From the input to the heads, which are last: what is frozen, thawed and slowed down together."""
        return [child for child in self.children() if any(True for _ in child.parameters())]

    def plain(self) -> FaceNet:
        """The same function in layers that exporters know; itself, where it is made of such."""
        return self

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classify(self.pool(self.features(x)))
        return logits


@torch.no_grad()
def output_widths(net: FaceNet, channels: int, height: int, width: int) -> dict[str, Any]:
    """`embedding` and `feature_map` of a ModelSpec: their width and (c, h, w), seen on one black face."""
    was_training = net.training
    black = torch.zeros(1, channels, height, width, device=next(net.parameters()).device)
    feature_map = net.eval().features(black)
    embedding = net.pool(feature_map)
    net.train(was_training)
    return {"embedding": embedding.shape[1], "feature_map": tuple(feature_map.shape[1:])}


def count_parameters(net: nn.Module) -> int:
    """Parameters that are trained or used; a tensor shared by two layers counts once."""
    return sum(p.numel() for p in net.parameters())


def initialise(net: nn.Module) -> None:
    """Kernels after He et al. 2015 (fan-out), norms at one; linear layers keep the framework's default."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)


def channels_last(x: Tensor) -> Tensor:
    """The layout in which CPUs and GPUs convolve fastest."""
    return x.contiguous(memory_format=torch.channels_last)
