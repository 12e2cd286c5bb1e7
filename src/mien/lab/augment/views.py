"""Two views of each face for BYOL (Grill et al. 2020, appendix B), milder by default for grey faces of 48 pixels."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from torch import Tensor

from mien.errors import MienError
from mien.lab.augment.blur import random_blur
from mien.lab.augment.colour import random_greyscale, random_jitter, random_solarize
from mien.lab.augment.crop import random_resized_crop
from mien.lab.augment.draw import Draw


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """What a view may do to a face; pairs are (first view, second view) unless said otherwise."""

    area: tuple[float, float] = (0.4, 1.0)  # share of the picture, least and most; the paper's 0.08 loses mouths
    flip: float = 0.5  # probability
    jitter: float = 0.8  # probability of all four that follow
    brightness: float = 0.4  # factor from 1-b..1+b
    contrast: float = 0.4
    saturation: float = 0.2  # colour pictures only
    hue: float = 0.1  # colour pictures only
    greyscale: float = 0.2  # probability; colour pictures only
    blur: tuple[float, float] = (1.0, 0.1)  # probability
    blur_sigma: tuple[float, float] = (0.1, 1.0)  # pixels, least and most; the paper's 2.0 is for 224 pixels
    solarize: tuple[float, float] = (0.0, 0.2)  # probability

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> ViewSettings:
        """From the table `byol.views` of a recipe.

        Raises:
            MienError: an unknown key, or not a number or a pair of numbers where one belongs.
        """
        kinds = {f.name: f.default for f in fields(cls)}
        found: dict[str, Any] = {}
        for key, value in values.items():
            if key not in kinds:
                near = difflib.get_close_matches(key, kinds, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(kinds)}"
                raise MienError(f"byol.views: unknown key {key}; {hint}")
            pair = isinstance(kinds[key], tuple)
            numbers = list(value) if isinstance(value, (list, tuple)) else [value]
            if len(numbers) != 1 + pair or not all(type(v) in (int, float) and v >= 0 for v in numbers):
                expected = "two numbers" if pair else "one number"
                raise MienError(f"byol.views.{key} = {value!r}, expected {expected}, 0 or more")
            found[key] = tuple(map(float, numbers)) if pair else float(numbers[0])
        return cls(**found)


def two_views(x: Tensor, draw: Draw, settings: ViewSettings | None = None) -> tuple[Tensor, Tensor]:
    """(n, c, h, w) in 0..1 -> two views of each face, the same shape and range, drawn one after the other."""
    settings = settings or ViewSettings()
    return _view(x, draw, settings, 0), _view(x, draw, settings, 1)


def _view(x: Tensor, draw: Draw, settings: ViewSettings, which: int) -> Tensor:
    height, width = x.shape[2:]
    x = random_resized_crop(x, draw, side=(height, width), area=settings.area, flip=settings.flip)
    jittered = random_jitter(
        x,
        draw,
        brightness=settings.brightness,
        contrast=settings.contrast,
        saturation=settings.saturation,
        hue=settings.hue,
    )
    x = jittered.where(draw.chance(settings.jitter)[:, None, None, None], x)
    x = random_greyscale(x, draw, probability=settings.greyscale)
    if settings.blur[which]:
        x = random_blur(x, draw, probability=settings.blur[which], sigma=settings.blur_sigma)
    if settings.solarize[which]:
        x = random_solarize(x, draw, probability=settings.solarize[which])
    return x
