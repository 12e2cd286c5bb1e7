"""Which stages of a network learn: the heads alone, or one more at each share of the run."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from mien.lab.models.face_net import FaceNet
from mien.lab.train.recipe import Train


def learning_stages(settings: Train, epoch: int, stages: int) -> int:
    """How many of a network's stages learn in this epoch, counted from the last, which holds the heads."""
    if not settings.freeze:
        return stages
    thawed = sum(epoch >= share * settings.epochs for share in settings.unfreeze)
    return min(stages, 1 + thawed)


def set_learning(net: FaceNet, count: int) -> None:
    """Let the last `count` stages learn and hold the others, their norms' statistics included.

    Called again after `net.train()`, which wakes all norms.
    """
    stages = net.stages()
    if count >= len(stages):
        net.requires_grad_(True)
        return
    net.requires_grad_(False)
    sleep(stages[: len(stages) - count])
    for stage in stages[len(stages) - count :]:
        stage.requires_grad_(True)


def sleep(stages: Sequence[nn.Module]) -> None:
    """Hold the norms' statistics of these modules."""
    for stage in stages:
        for module in stage.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
