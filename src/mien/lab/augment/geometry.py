"""Mirror, rotate, scale and shift a whole batch in one resampling."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.lab.augment.draw import Draw


def random_affine(
    x: Tensor,
    draw: Draw,
    *,
    side: tuple[int, int],
    flip: float = 0.0,
    rotate: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
    shift: float = 0.0,
) -> Tensor:
    """(n, c, h, w) float -> (n, c, *side), bilinear, the border repeated outside.

    `flip` is a probability, `rotate` in degrees either way, `scale` the range of magnification, `shift` a share
    of the side either way. Mirroring alone moves no pixel off its grid.
    """
    n, device = len(x), x.device
    mirrored = draw.chance(flip)
    if not rotate and scale == (1.0, 1.0) and not shift and x.shape[2:] == torch.Size(side):
        return torch.where(mirrored[:, None, None, None], x.flip(3), x)
    angle = draw.uniform(-math.radians(rotate), math.radians(rotate))
    zoom = 1 / draw.uniform(*scale)
    sign = 1 - 2 * mirrored.to(x.dtype)
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    theta = torch.zeros(n, 2, 3, device=device)
    theta[:, 0, 0], theta[:, 0, 1] = cos * sign, -sin
    theta[:, 1, 0], theta[:, 1, 1] = sin * sign, cos
    for axis in (0, 1):
        theta[:, axis, 2] = draw.uniform(-2 * shift, 2 * shift)
    grid = F.affine_grid(theta, [n, x.shape[1], *side], align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
