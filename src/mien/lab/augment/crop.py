"""Parts of a picture: at a random place, of a random size, or the ten of AlexNet.

A window says which part of a picture fills the result: (n, 4) centre x, centre y, half width, half height, where
the picture itself reaches from -1 to 1. `random_affine` takes windows, so that a crop costs no second resampling.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.errors import MienError
from mien.lab.augment.draw import Draw
from mien.lab.augment.geometry import random_affine

RATIO = (3 / 4, 4 / 3)
"""Width over height of a random resized crop (Szegedy et al. 2015)."""


def random_crop(x: Tensor, draw: Draw, size: int, *, pad: int = 0, mode: str = "edge") -> Tensor:
    """(n, c, h, w) -> (n, c, size, size), each from a place of its own; no pixel is resampled.

    Args:
        pad: pixels put around the picture first.
        mode: "edge" repeats the border there, "zero" leaves it black.

    Raises:
        MienError: a crop larger than the padded picture.
    """
    left, top = _offsets(x, draw, size, pad)
    if pad:
        x = F.pad(x, (pad,) * 4, mode="replicate" if mode == "edge" else "constant")
    steps = torch.arange(size, device=x.device)
    rows, columns = top[:, None] + pad + steps, left[:, None] + pad + steps  # (n, size) each
    x = x.gather(2, rows[:, None, :, None].expand(-1, x.shape[1], -1, x.shape[3]))
    return x.gather(3, columns[:, None, None, :].expand(-1, x.shape[1], size, -1))


def crop_window(x: Tensor, draw: Draw, size: int, *, pad: int = 0) -> Tensor:
    """(n, 4) windows of the crops that `random_crop` takes with the same numbers."""
    height, width = x.shape[2:]
    left, top = _offsets(x, draw, size, pad)
    centre = [(2 * left + size) / width - 1, (2 * top + size) / height - 1]
    half = [torch.full_like(centre[0], size / width), torch.full_like(centre[0], size / height)]
    return torch.stack([*centre, *half], dim=1)


def resized_window(x: Tensor, draw: Draw, area: tuple[float, float], ratio: tuple[float, float] = RATIO) -> Tensor:
    """(n, 4) windows with a share `area` of the picture and width over height in `ratio`, drawn evenly in its log.

    A side that would be longer than the picture's is cut to it; torchvision draws again there.
    """
    height, width = x.shape[2:]
    share = draw.uniform(*area)
    shape = draw.uniform(math.log(ratio[0]), math.log(ratio[1])).exp() * (height / width)
    half_x, half_y = (share * shape).sqrt().clamp_max(1), (share / shape).sqrt().clamp_max(1)
    x0, y0 = draw.uniform(-1, 1) * (1 - half_x), draw.uniform(-1, 1) * (1 - half_y)
    return torch.stack([x0, y0, half_x, half_y], dim=1)


def random_resized_crop(
    x: Tensor, draw: Draw, *, side: tuple[int, int], area: tuple[float, float] = (0.08, 1.0), flip: float = 0.0
) -> Tensor:
    """(n, c, h, w) -> (n, c, *side): a window of a random size and place each, resized, perhaps mirrored."""
    return random_affine(x, draw, side=side, flip=flip, window=resized_window(x, draw, area))


def ten_crop(x: Tensor, size: int) -> Tensor:
    """(n, c, h, w) -> (10 n, c, size, size): four corners and centre, then the same of the mirrored picture.

    The ten of a face lie together; `ten_crop_average` makes one prediction of theirs (Krizhevsky et al. 2012).

    Raises:
        MienError: a crop larger than the picture.
    """
    height, width = x.shape[2:]
    if size > min(height, width):
        raise MienError(f"ten-crop: {size} pixels do not fit into a picture of {height} x {width}")
    middle = round((height - size) / 2), round((width - size) / 2)
    places = [(0, 0), (0, width - size), (height - size, 0), (height - size, width - size), middle]
    parts = [y[:, :, top : top + size, left : left + size] for y in (x, x.flip(3)) for top, left in places]
    return torch.stack(parts, dim=1).flatten(0, 1)


def ten_crop_average(logits: Tensor, crops: int = 10) -> Tensor:
    """(crops n, k) -> (n, k), the mean over the crops of each face."""
    return logits.view(-1, crops, logits.shape[1]).mean(dim=1)


def _offsets(x: Tensor, draw: Draw, size: int, pad: int) -> tuple[Tensor, Tensor]:
    """(n,) int64 left and top of each crop in pixels of the picture without its padding."""
    height, width = x.shape[2:]
    if size > min(height, width) + 2 * pad:
        raise MienError(
            f"augment.crop = {size} does not fit into {height} x {width} pixels with augment.pad = {pad};"
            " crop less or pad more"
        )
    return draw.integers(-pad, width + pad - size), draw.integers(-pad, height + pad - size)
