"""Mixup (Zhang et al. 2018): pictures and their targets blended in pairs."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Generator, Tensor


def mixup(
    x: Tensor, targets: Mapping[str, tuple[Tensor, Tensor]], generator: Generator, *, alpha: float
) -> tuple[Tensor, dict[str, tuple[Tensor, Tensor]]]:
    """Blend each picture with another of the batch by one share drawn from Beta(alpha, alpha).

    Args:
        x: (n, c, h, w).
        targets: head -> (distributions (n, k), weights (n,)); a weight of 0 marks a face without this label.

    Returns:
        The blend, and targets in which a face without a label leaves the head to its partner.
    """
    share = _beta(alpha, generator)
    order = torch.randperm(len(x), generator=generator).to(x.device)
    mixed: dict[str, tuple[Tensor, Tensor]] = {}
    for head, (target, weight) in targets.items():
        mine, other = share * weight, (1 - share) * weight[order]
        total = (mine + other).clamp_min(1e-8)
        blend = (mine[:, None] * target + other[:, None] * target[order]) / total[:, None]
        mixed[head] = (blend, mine + other)
    return share * x + (1 - share) * x[order], mixed


def _beta(alpha: float, generator: Generator) -> float:
    """A draw from Beta(alpha, alpha), at least one half: the first of a pair is the larger part."""
    a, b = torch._standard_gamma(torch.full((2,), alpha), generator=generator).tolist()
    share = a / (a + b) if a + b > 0 else 1.0
    return float(max(share, 1 - share))
