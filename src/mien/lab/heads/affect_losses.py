"""Losses of valence and arousal, each contributing the faces that have it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mien.lab.heads.head_kind import HeadLoss

TINY = 1e-8


def squared(said: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """(k,) mean squared error of each column over its labelled faces, 0 without one."""
    return ((said - target).square() * weight).sum(0) / weight.sum(0).clamp_min(TINY)


def concordance_loss(said: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """(k,) 1 - CCC of each column over its labelled faces (Lin 1989, variances over n); 0 with fewer than two.

    Args:
        said, target: (n, k).
        weight: (n, k), 0 without a label.
    """
    n = weight.sum(0)
    mean_said, mean_true = ((weight * x).sum(0) / n.clamp_min(TINY) for x in (said, target))
    off_said, off_true = said - mean_said, target - mean_true
    above = 2 * (weight * off_said * off_true).sum(0)
    below = (weight * (off_said.square() + off_true.square())).sum(0) + n * (mean_said - mean_true).square()
    each = 1 - above / below.clamp_min(TINY)
    return torch.where((weight > 0).sum(0) >= 2, each, torch.zeros_like(each))


@dataclass(frozen=True, slots=True)
class AffectLoss(HeadLoss):
    """`mse`, `ccc` (1 - CCC of the batch), `both` summed, or `rmse` as ESR has it; the mean over the columns.

    Attributes:
        which: one of these words.
        activation: from logits to values: tanh, or none.
    """

    which: str = "both"
    activation: str = "tanh"

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        said = logits.float().tanh() if self.activation == "tanh" else logits.float()
        if self.which == "rmse":  # summed over valence and arousal (Siqueira et al. 2020, eq. 3)
            return (squared(said, target, weight) + TINY).sqrt().mul((weight > 0).any(0)).sum()
        loss = torch.zeros((), device=logits.device)
        if self.which in ("mse", "both"):
            loss = loss + squared(said, target, weight).mean()
        if self.which in ("ccc", "both"):
            loss = loss + concordance_loss(said, target, weight).mean()
        return loss
