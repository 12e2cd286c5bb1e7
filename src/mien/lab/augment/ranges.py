"""Settings of [augment] that cannot be meant, found before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mien.lab.train.recipe import Augment, Input

PROBABILITIES = ("flip", "greyscale", "sharpness_probability", "blur", "solarize", "erase")
NOT_NEGATIVE = (
    "rotate",
    "shift",
    "crop",
    "pad",
    "brightness",
    "contrast",
    "brightness_factor",
    "saturation",
    "sharpness",
    "mixup",
)
COLOUR_ONLY = ("saturation", "hue", "greyscale")


def problems(augment: Augment, settings: Input) -> Iterator[str]:
    """One line for each setting out of its range, and for each that does nothing to these pictures."""
    for name in PROBABILITIES:
        if not 0 <= getattr(augment, name) <= 1:
            yield f"augment.{name} = {getattr(augment, name)}, expected a probability, 0..1"
    for name in NOT_NEGATIVE:
        if getattr(augment, name) < 0:
            yield f"augment.{name} = {getattr(augment, name)}, expected 0 or more"
    if not 0 <= augment.hue <= 0.5:
        yield f"augment.hue = {augment.hue}, expected a share of the colour circle, 0..0.5"
    if settings.colour == "grey":
        for name in COLOUR_ONLY:
            if getattr(augment, name):
                yield f'augment.{name} does nothing to grey pictures; leave it out or set input.colour = "rgb"'
    yield from _pairs(augment)
    yield from _crops(augment, settings)


def _pairs(augment: Augment) -> Iterator[str]:
    if augment.resized_crop and not (len(augment.resized_crop) == 2 and _rises(augment.resized_crop, most=1)):
        given = list(augment.resized_crop)
        yield f"augment.resized_crop = {given}, expected two shares of the area, least and most, e.g. [0.5, 1.0]"
    for name, most in (("scale", float("inf")), ("blur_sigma", float("inf")), ("erase_side", 2.0)):
        if not _rises(getattr(augment, name), most):
            yield f"augment.{name} = {list(getattr(augment, name))}, expected least and most, above 0"


def _rises(pair: tuple[float, ...], most: float) -> bool:
    return 0 < pair[0] <= pair[1] <= most


def _crops(augment: Augment, settings: Input) -> Iterator[str]:
    room = min(settings.height, settings.width) + 2 * augment.pad
    if augment.crop > room:
        yield (
            f"augment.crop = {augment.crop} does not fit into input of {settings.height} x {settings.width} with"
            f" augment.pad = {augment.pad}; crop {room} or less, or pad more"
        )
    if augment.crop and augment.resized_crop:
        yield "augment.crop and augment.resized_crop both cut the picture; take one"
    if augment.pad and not augment.crop:
        yield f"augment.pad = {augment.pad} needs augment.crop, the side that is cut out of the padded picture"
