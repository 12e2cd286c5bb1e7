"""Gaussian blur with a width for each picture."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from mien.lab.augment.draw import Draw


def random_blur(x: Tensor, draw: Draw, *, probability: float, sigma: tuple[float, float] = (0.1, 2.0)) -> Tensor:
    """(n, c, h, w) -> the same; some pictures blurred, each by a sigma of its own in pixels."""
    chosen = draw.some(probability)
    radius = max(1, math.ceil(3 * sigma[1]))
    return x.index_copy(0, chosen, gaussian_blur(x[chosen], draw.uniform(*sigma)[chosen], radius))


def gaussian_blur(x: Tensor, sigma: Tensor, radius: int) -> Tensor:
    """Blur by (n,) sigmas with kernels of 2 radius + 1 pixels, the picture mirrored at its border.

    A blur along one axis is a matrix of side h: two small products a picture do what a convolution would need a
    kernel of its own for.
    """
    height, width = x.shape[2:]
    down, across = (_matrices(length, sigma, min(radius, length - 1)) for length in (height, width))
    return down[:, None] @ x @ across[:, None].mT


def _matrices(length: int, sigma: Tensor, radius: int) -> Tensor:
    """(n, length, length): row i holds the weights of the pixels that make pixel i."""
    steps = torch.arange(-radius, radius + 1, device=sigma.device)
    kernel = torch.exp(-0.5 * (steps / sigma[:, None]) ** 2)
    kernel = kernel / kernel.sum(dim=1, keepdim=True)  # (n, 2 radius + 1)
    source = (torch.arange(length, device=sigma.device)[:, None] + steps).abs()
    source = torch.where(source < length, source, 2 * (length - 1) - source)  # mirrored, the border pixel not twice
    shape = (len(sigma), *source.shape)
    out = torch.zeros(len(sigma), length, length, device=sigma.device)
    return out.scatter_add_(2, source.expand(shape), kernel[:, None].expand(shape))
