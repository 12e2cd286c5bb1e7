"""Losses over heads, each face contributing only what it has."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def soft_cross_entropy(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy against distributions, the mean over faces by weight.

    Args:
        logits: (n, k).
        target: (n, k) distributions.
        weight: (n,), 0 for a face without this label; with no weight at all the loss is 0.
    """
    each = -(target * F.log_softmax(logits.float(), dim=1)).sum(dim=1)
    return (each * weight).sum() / weight.sum().clamp_min(1e-8)
