"""Brightness and contrast, a draw a picture."""

from __future__ import annotations

from torch import Tensor

from mien.lab.augment.draw import Draw


def random_light(x: Tensor, draw: Draw, *, brightness: float = 0.0, contrast: float = 0.0) -> Tensor:
    """(n, c, h, w) in 0..1 -> the same shape, contrast about mid-grey and then brightness; not clipped."""
    gain = draw.uniform(1 - contrast, 1 + contrast)
    offset = draw.uniform(-brightness, brightness) + 0.5 - 0.5 * gain
    return (x * gain[:, None, None, None]).add_(offset[:, None, None, None])
