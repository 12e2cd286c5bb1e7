"""Random erasing (Zhong et al. 2020): a rectangle of some pictures becomes noise."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from mien.lab.augment.geometry import uniform


def random_erase(
    x: Tensor, generator: Generator, *, probability: float, side: tuple[float, float] = (0.1, 0.4)
) -> Tensor:
    """(n, c, h, w) normalised -> the same; rectangles have sides drawn from shares `side` of the picture's."""
    n, _, height, width = x.shape
    device = x.device
    chosen = uniform(0, 1, n, generator, device) < probability

    def inside(length: int) -> Tensor:  # (n, length) bool
        extent = uniform(*side, n, generator, device) * length / 2
        centre = uniform(0, length, n, generator, device)
        return (torch.arange(length, device=device) - centre[:, None]).abs() < extent[:, None]

    hole = (inside(height)[:, :, None] & inside(width)[:, None, :] & chosen[:, None, None])[:, None]
    noise = torch.randn(x.shape, generator=generator).to(device)
    return torch.where(hole, noise, x)
