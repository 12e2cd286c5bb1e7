"""Everything that a recipe's [augment] asks of a batch, in one fixed order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from torch import Tensor

from mien.lab.augment.draw import Draw
from mien.lab.augment.erase import random_erase
from mien.lab.augment.geometry import random_affine
from mien.lab.augment.mix import mixup
from mien.lab.augment.photometric import random_light

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
    """Geometry, light, normalisation, erasing, mixup: each only where the settings ask for it.

    Args:
        x: (n, c, h, w) float32 in 0..1, n being `draw.n`; not changed.
        targets: head -> (distributions (n, k), weights (n,)).
        side: height and width of the result in pixels.
        normal: pixels in 0..1 -> the network's input.

    Returns:
        The network's input (n, c, *side), and the targets that belong to it.
    """
    x = random_affine(
        x, draw, side=side, flip=settings.flip, rotate=settings.rotate, scale=settings.scale, shift=settings.shift
    )
    if settings.brightness or settings.contrast:
        x = random_light(x, draw, brightness=settings.brightness, contrast=settings.contrast)
    x = normal(x)
    if settings.erase:
        x = random_erase(x, draw, probability=settings.erase, side=settings.erase_side)
    if settings.mixup:
        return mixup(x, targets, draw, alpha=settings.mixup)
    return x, dict(targets)
