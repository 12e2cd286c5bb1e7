"""Faces shifted by whole pixels: nothing is resampled, and gradients pass."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.lab.augment.draw import Draw


def shifted(x: Tensor, draw: Draw, pixels: int) -> Tensor:
    """Each face by its own -pixels..pixels in x and y; what moves in repeats the border.

    A generator whose critic sees its faces so cannot hide patterns on the grid of the critic's strides (translation
    in Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training").

    Args:
        x: (n, c, h, w), n being `draw.n`.
        pixels: 0 returns `x` itself and draws nothing.
    """
    if not pixels:
        return x
    height, width = x.shape[2:]
    around = F.pad(x, (pixels,) * 4, mode="replicate")
    top, left = draw.integers(0, 2 * pixels), draw.integers(0, 2 * pixels)
    rows = top[:, None] + torch.arange(height, device=x.device)  # (n, h)
    columns = left[:, None] + torch.arange(width, device=x.device)
    faces = torch.arange(len(x), device=x.device)[:, None, None]
    moved = around.permute(0, 2, 3, 1)[faces, rows[:, :, None], columns[:, None, :]]  # (n, h, w, c)
    return moved.permute(0, 3, 1, 2)
