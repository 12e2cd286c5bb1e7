"""Losses of action units' intensity, which FACS writes as 0 and A to E: steps of one size, for want of better."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.lab.heads.head_kind import HeadLoss

STEPS = 5
SHARPNESS = 3.0
"""Slope of the steps: at the middle of a level its two neighbours have one chance in five each."""


@dataclass(frozen=True, slots=True)
class Ordinal(HeadLoss):
    """Proportional odds (McCullagh 1980, "Regression models for ordinal data", eq. 2.1) with even cut points.

    A unit's one logit is its intensity on FACS' scale: P(intensity >= j) = sigmoid(s (logit - j + 1/2)), j = 1 .. 5.
    The loss is the five binary cross-entropies' mean. An intensity between two levels stands for both by its share.
    """

    sharpness: float = SHARPNESS

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        steps = torch.arange(1, STEPS + 1, device=logits.device, dtype=torch.float32)
        above = self.sharpness * (logits.float()[..., None] - steps + 0.5)
        reached = (target[..., None] - steps + 1).clamp(0, 1)
        each = F.binary_cross_entropy_with_logits(above, reached, reduction="none").mean(-1)
        return (each * weight).sum() / (weight.sum() if total is None else total).clamp_min(1e-8)


@dataclass(frozen=True, slots=True)
class SquaredError(HeadLoss):
    """Mean squared error of intensities 0..5, unknown ones left out."""

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        each = (logits.float() - target).square()
        return (each * weight).sum() / (weight.sum() if total is None else total).clamp_min(1e-8)
