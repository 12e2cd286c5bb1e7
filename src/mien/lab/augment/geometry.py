"""Mirror, rotate, scale, shift and crop a whole batch in one resampling."""

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
    window: Tensor | None = None,
    outside: str = "border",
) -> Tensor:
    """(n, c, h, w) float -> (n, c, *side), bilinear.

    Args:
        flip: probability of mirroring; alone, it moves no pixel off its grid.
        rotate: degrees, drawn from -rotate..rotate.
        scale: magnification, drawn from this range.
        shift: share of the side, drawn from -shift..shift in x and y.
        window: (n, 4) what part of the picture fills the result, as `mien.lab.augment.crop` makes it; else all.
        outside: what stands beyond the picture: "border" repeats its edge, "zeros" is black.
    """
    mirrored = draw.chance(flip) if flip else torch.zeros(len(x), dtype=torch.bool, device=x.device)
    still = not rotate and scale == (1.0, 1.0) and not shift and window is None
    if still and x.shape[2:] == torch.Size(side):
        return torch.where(mirrored[:, None, None, None], x.flip(3), x) if flip else x
    theta = _turned(x, draw, rotate, scale, shift) if not still else _whole(x)
    if window is not None:
        theta[:, :, 2] += (theta[:, :, :2] @ window[:, :2, None])[:, :, 0]
        theta[:, :, :2] *= window[:, None, 2:]
    theta[:, :, 0] *= 1 - 2 * mirrored.to(x.dtype)[:, None]
    grid = F.affine_grid(theta, [*x.shape[:2], *side], align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode=outside, align_corners=False)


def _whole(x: Tensor) -> Tensor:
    """(n, 2, 3) result -> picture, both in -1..1: nothing moved."""
    return torch.eye(2, 3, device=x.device).repeat(len(x), 1, 1)


def _turned(x: Tensor, draw: Draw, rotate: float, scale: tuple[float, float], shift: float) -> Tensor:
    """(n, 2, 3) the same, rotated, scaled and shifted; right angles stay right where h and w differ."""
    height, width = x.shape[2:]
    angle = draw.uniform(-math.radians(rotate), math.radians(rotate))
    zoom = 1 / draw.uniform(*scale)
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    move = [draw.uniform(-2 * shift, 2 * shift) for _ in "xy"]
    rows = [cos, -sin * (height / width), move[0], sin * (width / height), cos, move[1]]
    return torch.stack(rows, dim=1).view(-1, 2, 3)
