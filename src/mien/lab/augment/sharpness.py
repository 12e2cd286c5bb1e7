"""Sharper or softer pictures; torchvision's formula."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.lab.augment.draw import Draw


def random_sharpness(x: Tensor, draw: Draw, *, factor: float, probability: float) -> Tensor:
    """(n, c, h, w) in 0..1 -> the same, some pictures with their sharpness changed by `factor`."""
    chosen = draw.some(probability)
    part = x[chosen]
    return x.index_copy(0, chosen, adjust_sharpness(part, part.new_full((len(part),), factor)))


def adjust_sharpness(x: Tensor, factor: Tensor) -> Tensor:
    """Blend with a smoothed copy by (n,) factors: 0 is smooth, 1 the picture, 2 sharp; clipped to 0..1.

    Smoothing weighs a pixel by 5 and its eight neighbours by 1; border pixels stay as they are.
    """
    channels = x.shape[1]
    kernel = torch.ones(3, 3, device=x.device)
    kernel[1, 1] = 5
    smooth = x.clone()
    weight = (kernel / 13).expand(channels, 1, 3, 3)
    smooth[:, :, 1:-1, 1:-1] = F.conv2d(x, weight, groups=channels)
    return torch.lerp(smooth, x, factor[:, None, None, None]).clamp_(0, 1)
