"""Losses over heads, each face contributing only what it has."""

from __future__ import annotations

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
