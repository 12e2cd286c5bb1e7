"""How the last feature map becomes an embedding: its mean, its maximum, or both side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.runtime.heat_map import POOLINGS

QUIETER = 0.25
"""A maximum is four to five times the mean of its map before anything is learnt."""


def pooled(feature_map: Tensor, pool: str) -> Tensor:
    """(n, c, h, w) -> (n, c), or (n, 2 c) of "concat": the means, then the maxima, as timm's `catavgmax` has them."""
    if pool == "avg":
        return feature_map.mean((2, 3))
    most = feature_map.amax((2, 3))  # equal cells share the gradient
    return most if pool == "max" else torch.cat([feature_map.mean((2, 3)), most], dim=1)


def pooled_width(channels: int, pool: str) -> int:
    """Of the embedding.

    Raises:
        MienError: a way of pooling that there is not.
    """
    check_pool(pool)
    return 2 * channels if pool == "concat" else channels


def quieten(head: nn.Module, pool: str) -> None:
    """Begin a head's weights of maxima smaller, so that its first answers are near guessing as those of means are."""
    reads = next(module for module in head.modules() if isinstance(module, nn.Linear))
    maxima = {"avg": 0, "max": reads.in_features, "concat": reads.in_features // 2}[pool]
    with torch.no_grad():
        reads.weight[:, reads.in_features - maxima :] *= QUIETER


def check_pool(pool: str) -> None:
    """Raise MienError for a `model.options.pool` that there is not."""
    if pool not in POOLINGS:
        raise MienError(f"model.options.pool = {pool!r}, expected {', '.join(POOLINGS[:-1])} or {POOLINGS[-1]}")
