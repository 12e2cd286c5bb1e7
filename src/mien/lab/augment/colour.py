"""Changes of tone and colour by a factor for each picture; torchvision's formulas, on whole batches.

Pictures are (n, c, h, w) in 0..1 with one grey or three RGB channels; factors are (n,).
"""

from __future__ import annotations

import torch
from torch import Tensor

from mien.lab.augment.draw import Draw


def random_jitter(
    x: Tensor,
    draw: Draw,
    *,
    brightness: float = 0.0,
    contrast: float = 0.0,
    saturation: float = 0.0,
    hue: float = 0.0,
) -> Tensor:
    """ColorJitter, in this order; factors come from 1-b..1+b, hue's turn from -hue..hue. Clipped to 0..1."""
    if brightness:
        x = adjust_brightness(x, draw.uniform(max(0, 1 - brightness), 1 + brightness))
    if contrast:
        x = adjust_contrast(x, draw.uniform(max(0, 1 - contrast), 1 + contrast))
    if saturation:
        x = adjust_saturation(x, draw.uniform(max(0, 1 - saturation), 1 + saturation))
    if hue:
        x = adjust_hue(x, draw.uniform(-hue, hue))
    return x


def random_greyscale(x: Tensor, draw: Draw, *, probability: float) -> Tensor:
    """Take the colour away from some pictures; they keep three channels."""
    chosen = draw.some(probability)
    return x if x.shape[1] == 1 else x.index_copy(0, chosen, to_grey(x[chosen]).expand(-1, 3, -1, -1))


def random_solarize(x: Tensor, draw: Draw, *, probability: float, threshold: float = 0.5) -> Tensor:
    """Turn the pixels of some pictures around that are at least `threshold`."""
    chosen = draw.some(probability)
    return x.index_copy(0, chosen, solarize(x[chosen], threshold))


def adjust_brightness(x: Tensor, factor: Tensor) -> Tensor:
    """Multiplied; 0 is black."""
    return (x * _wide(factor)).clamp_(0, 1)


def adjust_contrast(x: Tensor, factor: Tensor) -> Tensor:
    """Stretched about the picture's own mean grey; 0 is that grey."""
    return _blend(x, to_grey(x).mean(dim=(1, 2, 3), keepdim=True), factor)


def adjust_saturation(x: Tensor, factor: Tensor) -> Tensor:
    """Stretched away from the grey of each pixel; 0 is grey. Grey pictures stay as they are."""
    return x if x.shape[1] == 1 else _blend(x, to_grey(x), factor)


def adjust_hue(x: Tensor, turn: Tensor) -> Tensor:
    """The colour circle turned by a share of it, -0.5..0.5. Grey pictures stay as they are."""
    if x.shape[1] == 1:
        return x
    high, low = x.amax(dim=1, keepdim=True), x.amin(dim=1, keepdim=True)
    spread = high - low
    safe = torch.where(spread > 0, spread, torch.ones_like(spread))
    red, green, blue = x[:, :1], x[:, 1:2], x[:, 2:]
    sixth = torch.where(
        high == red,
        (green - blue) / safe,
        torch.where(high == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    # HSV to RGB in closed form: channel i of hue h is high - spread * clamp(min(k, 4 - k), 0, 1), k = (i + 6 h) mod 6
    start = torch.tensor([5.0, 3.0, 1.0], device=x.device).view(1, 3, 1, 1)
    k = (start + sixth + 6 * _wide(turn)) % 6
    return high - spread * torch.minimum(k, 4 - k).clamp(0, 1)


def solarize(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Pixels of at least `threshold` turned around."""
    return torch.where(x >= threshold, 1 - x, x)


def to_grey(x: Tensor) -> Tensor:
    """(n, c, h, w) -> (n, 1, h, w) luma (ITU-R BT.601)."""
    if x.shape[1] == 1:
        return x
    weights = torch.tensor([0.2989, 0.587, 0.114], device=x.device).view(1, 3, 1, 1)
    return (x * weights).sum(dim=1, keepdim=True)


def _blend(x: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    """`factor` of x and the rest of `other`, clipped to 0..1."""
    return torch.lerp(other.expand_as(x), x, _wide(factor)).clamp_(0, 1)


def _wide(factor: Tensor) -> Tensor:
    return factor[:, None, None, None]
