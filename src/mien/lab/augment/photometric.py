"""Brightness and contrast, a draw a picture."""

from __future__ import annotations

from torch import Generator, Tensor

from mien.lab.augment.geometry import uniform


def random_light(x: Tensor, generator: Generator, *, brightness: float = 0.0, contrast: float = 0.0) -> Tensor:
    """(n, c, h, w) in 0..1 -> the same shape, contrast about mid-grey and then brightness; not clipped."""
    n, device = len(x), x.device
    gain = uniform(1 - contrast, 1 + contrast, n, generator, device)[:, None, None, None]
    offset = uniform(-brightness, brightness, n, generator, device)[:, None, None, None]
    return (x - 0.5) * gain + 0.5 + offset
