"""Optimisers with weight decay where it belongs."""

from __future__ import annotations

import torch
from torch import nn

from mien.lab.train.recipe import Train


def make_optimiser(net: nn.Module, settings: Train) -> torch.optim.Optimizer:
    """Kernels and matrices decay; biases, norms and single slopes do not."""
    decayed = [p for p in net.parameters() if p.ndim > 1]
    spared = [p for p in net.parameters() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]
    if settings.optimiser == "sgd":
        nesterov = settings.momentum > 0
        return torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, nesterov=nesterov)
    if settings.optimiser == "adam":
        return torch.optim.Adam(groups, lr=settings.lr)
    return torch.optim.AdamW(groups, lr=settings.lr)
