"""Everything that a recipe's [augment] asks of a batch, in one fixed order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mien.lab.augment.blur import random_blur
from mien.lab.augment.colour import random_greyscale, random_jitter, random_solarize
from mien.lab.augment.crop import crop_window, random_crop, resized_window
from mien.lab.augment.draw import Draw
from mien.lab.augment.erase import random_erase
from mien.lab.augment.geometry import random_affine
from mien.lab.augment.mix import mixup
from mien.lab.augment.photometric import random_light
from mien.lab.augment.sharpness import random_sharpness

if TYPE_CHECKING:
    from mien.lab.train.recipe import Augment

Targets = Mapping[str, tuple[Tensor, Tensor]]


def augment_batch(
    x: Tensor,
    targets: Targets,
    settings: Augment,
    draw: Draw,
    *,
    side: tuple[int, int],
    normal: Callable[[Tensor], Tensor],
) -> tuple[Tensor, dict[str, tuple[Tensor, Tensor]]]:
    """Geometry, tone and colour, normalisation, erasing, mixup: what the settings do not ask for costs nothing.

    Args:
        x: (n, c, h, w) float32 in 0..1, n being `draw.n`; not changed.
        targets: head -> (distributions (n, k), weights (n,)).
        side: height and width of the result in pixels. With `crop` and no resizing, (h, w) being (height, width),
            the result is crop x crop.
        normal: pixels in 0..1 -> the network's input.

    Returns:
        The network's input (n, c, *side), and the targets that belong to it.
    """
    x = _moved(x, settings, draw, side)
    x = normal(_toned(x, settings, draw))
    if settings.erase:
        x = random_erase(x, draw, probability=settings.erase, side=settings.erase_side)
    if settings.mixup:
        return mixup(x, targets, draw, alpha=settings.mixup)
    return x, dict(targets)


def _moved(x: Tensor, settings: Augment, draw: Draw, side: tuple[int, int]) -> Tensor:
    """All that moves pixels, in one resampling; mirrored pictures and crops alone are not resampled at all."""
    still = not settings.rotate and settings.scale == (1.0, 1.0) and not settings.shift
    window, outside = None, "border" if settings.fill == "edge" else "zeros"
    if settings.resized_crop:
        window = resized_window(x, draw, (settings.resized_crop[0], settings.resized_crop[1]))
    elif settings.crop:
        outside = outside if settings.pad_mode == "edge" else "zeros"
        if x.shape[2:] == torch.Size(side):
            side = (settings.crop, settings.crop)
        if still and side == (settings.crop, settings.crop):
            x = random_crop(x, draw, settings.crop, pad=settings.pad, mode=settings.pad_mode)
        else:
            window = crop_window(x, draw, settings.crop, pad=settings.pad)
    return random_affine(
        x,
        draw,
        side=side,
        flip=settings.flip,
        rotate=settings.rotate,
        scale=settings.scale,
        shift=settings.shift,
        window=window,
        outside=outside,
    )


def _toned(x: Tensor, settings: Augment, draw: Draw) -> Tensor:
    """All that changes values; light comes last, because it alone does not clip to 0..1."""
    x = random_jitter(x, draw, brightness=settings.brightness_factor, saturation=settings.saturation, hue=settings.hue)
    if settings.greyscale:
        x = random_greyscale(x, draw, probability=settings.greyscale)
    if settings.sharpness != 1 and settings.sharpness_probability:
        x = random_sharpness(x, draw, factor=settings.sharpness, probability=settings.sharpness_probability)
    if settings.blur:
        x = random_blur(x, draw, probability=settings.blur, sigma=settings.blur_sigma)
    if settings.solarize:
        x = random_solarize(x, draw, probability=settings.solarize)
    if settings.brightness or settings.contrast:
        x = random_light(x, draw, brightness=settings.brightness, contrast=settings.contrast)
    return x
