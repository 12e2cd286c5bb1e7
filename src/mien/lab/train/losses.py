"""Losses over heads, each face contributing only what it has."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


def soft_cross_entropy(logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
    """Cross-entropy against distributions, the mean over faces by weight.

    Args:
        logits: (n, k).
        target: (n, k) distributions.
        weight: (n,), 0 for a face without this label; with no weight at all the loss is 0.
        total: what the sum is divided by; None for the sum of `weight`.
    """
    each = -(target * F.log_softmax(logits.float(), dim=1)).sum(dim=1)
    return weighted_mean(each, weight, total)


def soft_focal(logits: Tensor, target: Tensor, weight: Tensor, gamma: float, total: Tensor | None = None) -> Tensor:
    """Focal loss, sum over classes of -t (1 - p)^gamma log p (Lin et al. 2017, eq. 4), for distributions t."""
    log_p = F.log_softmax(logits.float(), dim=1)
    each = -(target * (1 - log_p.exp()).clamp_min(0).pow(gamma) * log_p).sum(dim=1)
    return weighted_mean(each, weight, total)


def weighted_mean(each: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
    """(n,) losses -> their mean by weight."""
    return (each * weight).sum() / (weight.sum() if total is None else total).clamp_min(1e-8)


@dataclass(frozen=True, slots=True)
class HeadLoss:
    """One head's loss while training, evened out as the recipe's [balance] says."""

    class_weight: Tensor | None = None  # (k,)
    adjustment: Tensor | None = None  # (k,) tau * log prior, added to the logits (Menon et al. 2021, eq. 10)
    gamma: float = 0.0

    def weight(self, target: Tensor, weight: Tensor) -> Tensor:
        """(n,) weight of each face: its own times its class's."""
        return weight if self.class_weight is None else weight * (target @ self.class_weight)

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        """The loss of (n, k) logits; `weight` comes from `self.weight`."""
        if self.adjustment is not None:
            logits = logits.float() + self.adjustment
        if self.gamma:
            return soft_focal(logits, target, weight, self.gamma, total)
        return soft_cross_entropy(logits, target, weight, total)


def head_loss(counts: Tensor, class_weights: Tensor | None, tau: float, gamma: float) -> HeadLoss:
    """A head's loss from the (k,) counts of its classes."""
    from mien.lab.train.class_weights import log_priors

    adjustment = tau * log_priors(counts) if tau else None
    return HeadLoss(class_weights, None if adjustment is None else adjustment.to(torch.float32), gamma)
