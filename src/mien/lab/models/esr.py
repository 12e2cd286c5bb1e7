"""ESR, ensembles with shared representations (Siqueira, Magg and Wermter 2020), and ESR*, which attends.

A convolutional base sees the face once; branches built on it answer each for itself and vote. ESR*
(Heidari and Iosifidis 2022, in OpenDR) has a CBAM after every block.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.models.esr_branch import BatchStatistics, Branch, Convolutions, Step, smallest_side
from mien.lab.models.face_net import Answer, FaceNet
from mien.lab.models.registry import register
from mien.labels import AFFECT
from mien.model_spec import Head

STATISTICS = ("running", "batch")
COMBINE = ("mean", "vote")
WILD = (
    (Step(64, 5), Step(128, pool=True), Step(128), Step(128, pool=True)),
    (Step(128), Step(256, pool=True), Step(256), Step(512, padding=1)),
)
"""Base and branch of ESR-9 for 96 x 96 colour."""
CK = ((Step(32, 5), Step(64, pool=True), Step(64, pool=True)), (Step(64, pool=True), Step(64)))
"""Those of the smaller net for CK+'s grey faces, the paper's ESR-4 Lvl. 3."""


class Attention(NamedTuple):
    """Where each branch's last CBAM looks, in 0..1."""

    channel: Tensor  # (n, branches, c)
    spatial: Tensor  # (n, branches, h * w)


class Esr(FaceNet):
    """(n, c, h, w) -> (n, k): the ensemble's answer; `branch_logits` has each branch's own.

    The feature map and the embedding hold the branches' side by side, (n, branches * d, h', w').

    Args:
        shape: the steps of the base and of each branch.
        emotions: width of the emotion head; `affect` adds valence and arousal behind it.
        statistics: running: norms as usual; batch: the branches' norms take their batch's own statistics in
            inference too. The published nets were scored so: their branches stood in a plain list, which
            `eval()` did not reach.
        combine: mean: log of the mean of the branches' probabilities; vote: how many branches say each class.
            Affect is the branches' mean either way.
    """

    def __init__(
        self,
        shape: tuple[Sequence[Step], Sequence[Step]],
        emotions: int,
        affect: bool,
        channels: int,
        branches: int,
        attention: bool,
        statistics: str,
        combine: str,
    ) -> None:
        super().__init__()
        base, branch = shape
        norm = BatchStatistics if statistics == "batch" else nn.BatchNorm2d
        self.emotions, self.combine, self.attends = emotions, combine, attention
        self.base = Convolutions(channels, base, nn.BatchNorm2d, attention)
        built = (Branch(base[-1].width, branch, norm, attention, emotions, affect) for _ in range(branches))
        self.branch = nn.ModuleList(built)
        self.branches = branches
        self.side_weights = (1.0,) * branches  # type: ignore[misc]  # as many as there are branches

    def stages(self) -> list[nn.Module]:
        trunks = nn.ModuleList(block for branch in self.voters() for block in branch.blocks())
        heads = nn.ModuleList(head for branch in self.voters() for head in branch.heads())
        return [*self.base.blocks(), trunks, heads]

    def features(self, x: Tensor) -> Tensor:
        shared = self.base(x)
        return torch.cat([branch(shared) for branch in self.voters()], dim=1)

    def attend(self, x: Tensor) -> tuple[Tensor, Attention]:
        """The same feature map, and where the branches of an ESR* look."""
        shared = self.base(x)
        maps, channel, spatial = zip(*(branch.gates(shared) for branch in self.voters()), strict=True)
        looked = Attention(torch.stack(channel, dim=1), torch.stack(spatial, dim=1).flatten(2))
        return torch.cat(maps, dim=1), looked

    def pool(self, feature_map: Tensor) -> Tensor:
        return feature_map.mean((2, 3))

    def branch_logits(self, embedding: Tensor) -> Tensor:
        parts = embedding.chunk(self.branches, dim=1)
        return torch.stack([branch.say(part) for branch, part in zip(self.voters(), parts, strict=True)], dim=1)

    def classify(self, embedding: Tensor) -> Tensor:
        return self.ensemble(self.branch_logits(embedding))

    def ensemble(self, said: Tensor) -> Tensor:
        """(n, branches, k) -> (n, k). Votes hand no gradient on: learn from the branches' own logits."""
        emotion = said[..., : self.emotions]
        if self.combine == "vote":
            classes = torch.arange(self.emotions, device=said.device)
            together = (emotion.argmax(dim=2, keepdim=True) == classes).to(said.dtype).sum(dim=1)
        else:
            together = emotion.log_softmax(dim=2).logsumexp(dim=1) - math.log(self.branches)
        return torch.cat([together, said[..., self.emotions :].mean(dim=1)], dim=1)

    def answer(self, x: Tensor) -> Answer:
        embedding = self.pool(self.features(x))
        said = self.branch_logits(embedding)
        return Answer(self.ensemble(said), embedding, said.unbind(dim=1))

    def voters(self) -> list[Branch]:
        return [branch for branch in self.branch if isinstance(branch, Branch)]


def _build(
    name: str,
    heads: Sequence[Head],
    channels: int,
    side: int,
    branches: int,
    combine: str,
    widths: Sequence[int],
    ck: bool,
    *,
    attention: bool = False,
    statistics: str = "running",
) -> Esr:
    """An ESR for these heads and options.

    Raises:
        MienError: heads or options that it does not have, or faces that its convolutions use up.
    """
    kinds = [head.kind for head in heads]
    affect = kinds[1:] == ["valence_arousal"] and heads[1].labels == AFFECT
    if kinds[:1] not in (["emotion"], ["classes"]) or (kinds[1:] and not affect):
        told = ", ".join(kinds) or "none"
        raise MienError(f"heads of {name}: {told}; it has an emotion head, then valence and arousal or nothing")
    if branches < 1:
        raise MienError(f"model.options.branches = {branches}: {name} needs one or more")
    for key, value, allowed in (("statistics", statistics, STATISTICS), ("combine", combine, COMBINE)):
        if value not in allowed:
            raise MienError(f"model.options.{key} = {value!r}, expected {' or '.join(allowed)}")
    base, branch = CK if ck else WILD
    steps = [*base, *branch]
    if widths and len(widths) != len(steps):
        raise MienError(f"model.options.widths: {len(widths)} of them, {name} here has {len(steps)} convolutions")
    if widths:
        steps = [step._replace(width=width) for step, width in zip(steps, widths, strict=True)]
    if side < smallest_side(steps):
        raise MienError(f"input of {side} pixels: {name} needs {smallest_side(steps)} or more; see input.height")
    shape = (steps[: len(base)], steps[len(base) :])
    return Esr(shape, len(heads[0].labels), affect, channels, branches, attention, statistics, combine)


@register("esr9")
def esr9(
    heads: Sequence[Head],
    channels: int,
    height: int,
    width: int,
    branches: int = 9,
    combine: str = "mean",
    statistics: str = "running",
    widths: Sequence[int] = (),
    ck: bool = False,
) -> Esr:
    """With `ck` the smaller net for CK+; `widths` of its convolutions, the base's first."""
    side = min(height, width)
    return _build("esr9", heads, channels, side, branches, combine, widths, ck, statistics=statistics)


@register("esr15")
def esr15(
    heads: Sequence[Head],
    channels: int,
    height: int,
    width: int,
    branches: int = 15,
    combine: str = "mean",
    statistics: str = "running",
    widths: Sequence[int] = (),
    ck: bool = False,
) -> Esr:
    """As esr9, with more branches."""
    side = min(height, width)
    return _build("esr15", heads, channels, side, branches, combine, widths, ck, statistics=statistics)


@register("esrstar9")
def esrstar9(
    heads: Sequence[Head],
    channels: int,
    height: int,
    width: int,
    branches: int = 9,
    combine: str = "mean",
    widths: Sequence[int] = (),
    ck: bool = False,
) -> Esr:
    """ESR*: its branches are proper parts of the published net, so that there are no `statistics` to choose."""
    side = min(height, width)
    return _build("esrstar9", heads, channels, side, branches, combine, widths, ck, attention=True)


@register("esrstar15")
def esrstar15(
    heads: Sequence[Head],
    channels: int,
    height: int,
    width: int,
    branches: int = 15,
    combine: str = "mean",
    widths: Sequence[int] = (),
    ck: bool = False,
) -> Esr:
    """As esrstar9, with more branches."""
    side = min(height, width)
    return _build("esrstar15", heads, channels, side, branches, combine, widths, ck, attention=True)
