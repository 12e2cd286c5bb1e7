"""Random erasing (Zhong et al. 2020): a rectangle of some pictures becomes noise."""

from __future__ import annotations

import torch
from torch import Tensor

from mien.lab.augment.draw import Draw


def random_erase(x: Tensor, draw: Draw, *, probability: float, side: tuple[float, float] = (0.1, 0.4)) -> Tensor:
    """(n, c, h, w) normalised -> the same; rectangles have sides drawn from shares `side` of the picture's."""
    height, width = x.shape[2:]
    chosen = draw.some(probability)

    def inside(length: int) -> Tensor:  # (k, length) bool
        extent = draw.uniform(*side)[chosen] * length / 2
        centre = draw.uniform(0, length)[chosen]
        return (torch.arange(length, device=x.device) - centre[:, None]).abs() < extent[:, None]

    hole = (inside(height)[:, None, :, None] & inside(width)[:, None, None, :]).expand(-1, x.shape[1], -1, -1)
    noise = draw.normal(len(chosen), *x.shape[1:])  # for the chosen alone: normal numbers are dear
    return x.index_copy(0, chosen, torch.where(hole, noise, x[chosen]))
