"""Losses of units that are there or not, each for itself, unknown ones left out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.lab.heads.head_kind import HeadLoss

MOST = 20.0
"""A unit shown in one face of a hundred would weigh 99 times; so much, and its few faces' noise is what is learnt."""


@dataclass(frozen=True, slots=True)
class Bce(HeadLoss):
    """Binary cross-entropy, the mean over known cells; shown units weigh `positive` (k,) times where it is given."""

    positive: Tensor | None = None

    def weight(self, target: Tensor, weight: Tensor) -> Tensor:
        if self.positive is None:
            return weight
        return weight * (1 + (self.positive - 1) * target)

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        each = F.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
        return _mean(each, weight, total)


@dataclass(frozen=True, slots=True)
class Asymmetric(HeadLoss):
    """ASL (Ridnik et al. 2021, "Asymmetric loss for multi-label classification", eq. 6 and 7).

    -t (1 - p)^g+ log p - (1 - t) q^g- log(1 - q) with q = max(p - margin, 0): faces that are surely without a unit, as
    most are, hardly count.
    """

    gamma_positive: float = 0.0
    gamma_negative: float = 4.0
    margin: float = 0.05

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        logits = logits.float()
        p = logits.sigmoid()
        shifted = (p - self.margin).clamp_min(0)
        shown = (1 - p).pow(self.gamma_positive) * F.logsigmoid(logits)
        absent = shifted.pow(self.gamma_negative) * (1 - shifted).clamp_min(1e-8).log()
        return _mean(-(target * shown + (1 - target) * absent), weight, total)


def positive_weights(target: Tensor, weight: Tensor) -> Tensor:
    """(k,) faces without a unit over faces with it, 1 to MOST: both sides of a unit weigh the same.

    Args:
        target: (n, k) 0 or 1.
        weight: (n, k) 0 where unknown.
    """
    known = (weight > 0).float()
    shown = (target * known).sum(0)
    return ((known.sum(0) - shown) / shown.clamp_min(1)).clamp(1, MOST)


def _mean(each: Tensor, weight: Tensor, total: Tensor | None) -> Tensor:
    """(n, k) -> a mean over cells by weight."""
    below = weight.sum() if total is None else total
    return torch.sum(each * weight) / below.clamp_min(1e-8)
