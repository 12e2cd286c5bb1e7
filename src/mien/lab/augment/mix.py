"""Mixup (Zhang et al. 2018): pictures and their targets blended in pairs."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from mien.lab.augment.draw import Draw


def mixup(
    x: Tensor, targets: Mapping[str, tuple[Tensor, Tensor]], draw: Draw, *, alpha: float
) -> tuple[Tensor, dict[str, tuple[Tensor, Tensor]]]:
    """Blend each picture with another of the same process by one share drawn from Beta(alpha, alpha).

    Args:
        x: (n, c, h, w).
        targets: head -> (targets (n, k), weights (n,) or (n, k)); a weight of 0 marks a face without this label.

    Returns:
        The blend, and targets in which a face without a label leaves the head to its partner.
    """
    share = draw.beta(alpha)
    share = max(share, 1 - share)  # the first of a pair is the larger part
    order = draw.permutation()
    mixed: dict[str, tuple[Tensor, Tensor]] = {}
    for head, (target, weight) in targets.items():
        mine, other = share * weight, (1 - share) * weight[order]
        mixed_weight = mine + other
        if weight.ndim == 1:
            mine, other = mine[:, None], other[:, None]
        blend = (mine * target + other * target[order]) / (mine + other).clamp_min(1e-8)
        mixed[head] = (blend, mixed_weight)
    return x[order].lerp_(x, share), mixed
