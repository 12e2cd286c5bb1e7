"""Ways in which pictures of faces are bad, each in five strengths.

Made after the scheme of Hendrycks & Dietterich 2019 ("Benchmarking neural network robustness to common corruptions
and perturbations"): fixed levels, never trained or tuned on. The levels are ours, for faces: ImageNet's corruptions
are laid out for pictures of 224 pixels, and most would leave nothing of a face of 48.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

Crops = NDArray[np.uint8]
Random = np.random.Generator
Apply = Callable[[Crops, float, Random], Crops]
"""(h, w) or (h, w, c) picture, the level, random numbers -> the same shape."""

STRENGTHS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Corruption:
    """One way.

    Attributes:
        name: as `corrupt` takes it.
        about: what a level is, with its unit.
        levels: of the five strengths, rising in harm.
        apply: does it to one picture.
    """

    name: str
    about: str
    levels: tuple[float, ...]
    apply: Apply


_CORRUPTIONS: dict[str, Corruption] = {}
CORRUPTIONS: Mapping[str, Corruption] = MappingProxyType(_CORRUPTIONS)
"""All of them, by name."""


def corruption(name: str, about: str, levels: tuple[float, ...]) -> Callable[[Apply], Apply]:
    """Register a corruption of one picture."""
    if len(levels) != len(STRENGTHS):
        raise ValueError(f"{name}: {len(levels)} levels for {len(STRENGTHS)} strengths")

    def register(apply: Apply) -> Apply:
        _CORRUPTIONS[name] = Corruption(name, about, levels, apply)
        return apply

    return register


def corrupt(crops: Crops, name: str, strength: int, seed: int = 0, rows: NDArray[np.int64] | None = None) -> Crops:
    """Corrupt faces at their own resolution, before they are brought to a model's size.

    Args:
        crops: uint8 (n, h, w) or (n, h, w, c), c being 1 or 3, of any size.
        name: one of CORRUPTIONS.
        strength: 1 (slight) to 5.
        seed: of what is random (noise, place, side). A face draws the same numbers at every strength, so that a
            stronger corruption is the weaker one carried on.
        rows: (n,) numbers of the faces, which random numbers go by, so that no batch changes them; None counts.

    Returns:
        uint8, the shape of `crops`; what came in is left as it was.

    Raises:
        MienError: an unknown name or strength.
        ValueError: crops of another type or shape.
    """
    if name not in CORRUPTIONS:
        raise MienError(f"unknown corruption {name!r}: one of {', '.join(CORRUPTIONS)}")
    if strength not in STRENGTHS:
        raise MienError(f"strength {strength}: 1 to {STRENGTHS[-1]}")
    if crops.dtype != np.uint8 or crops.ndim not in (3, 4):
        raise ValueError(f"crops: {crops.dtype} {crops.shape}, expected uint8 (n, h, w[, c])")
    way, place = CORRUPTIONS[name], list(CORRUPTIONS).index(name)
    numbers = np.arange(len(crops)) if rows is None else rows
    out = np.empty_like(crops)
    for i, crop in enumerate(crops):
        random = np.random.default_rng([seed, place, int(numbers[i])])
        out[i] = way.apply(np.ascontiguousarray(crop), way.levels[strength - 1], random).reshape(crop.shape)
    return out


@corruption("blur", "Gaussian blur, sigma in percent of the face's shorter side", (1, 2, 3, 4.5, 6.5))
def _blur(crop: Crops, level: float, random: Random) -> Crops:
    import cv2

    sigma = level / 100 * min(crop.shape[:2])
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.uint8)


@corruption("noise", "Gaussian noise of each stored pixel, sigma in grey levels of 255", (8, 16, 28, 44, 64))
def _noise(crop: Crops, level: float, random: Random) -> Crops:
    return _bytes(crop + level * random.standard_normal(crop.shape, np.float32))


@corruption("jpeg", "JPEG compression, its quality", (40, 25, 15, 9, 5))
def _jpeg(crop: Crops, level: float, random: Random) -> Crops:
    import cv2

    colour = crop.ndim == 3 and crop.shape[2] == 3
    picture = np.ascontiguousarray(crop[..., ::-1]) if colour else crop  # cv2 writes BGR
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(level)])
    found = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE), np.uint8)
    return found[..., ::-1] if colour else found


@corruption("low resolution", "the face's shorter side in pixels, then enlarged again", (32, 24, 18, 12, 8))
def _low_resolution(crop: Crops, level: float, random: Random) -> Crops:
    """A smaller picture is left as it is: what counts is how many pixels there are of a face."""
    import cv2

    height, width = crop.shape[:2]
    share = level / min(height, width)
    if share >= 1:
        return crop
    small = cv2.resize(crop, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


@corruption("darkness", "brightness that is left, in percent, contrast with it", (60, 40, 25, 15, 8))
def _darkness(crop: Crops, level: float, random: Random) -> Crops:
    return _bytes(crop * np.float32(level / 100))


@corruption("occlusion", "a square of middle grey anywhere, in percent of the face", (5, 12, 20, 30, 42))
def _occlusion(crop: Crops, level: float, random: Random) -> Crops:
    height, width = crop.shape[:2]
    side = round((level / 100 * height * width) ** 0.5)
    tall, wide = min(side, height), min(side, width)
    down, right = random.random(2)  # of the room that there is: grown, it covers more and never leaves the face
    top, left = round(down * (height - tall)), round(right * (width - wide))
    out = crop.copy()
    out[top : top + tall, left : left + wide] = 128
    return out


@corruption("rotation", "degrees to a side drawn for each face, borders repeated", (8, 16, 26, 38, 52))
def _rotation(crop: Crops, level: float, random: Random) -> Crops:
    import cv2

    height, width = crop.shape[:2]
    angle = level if random.random() < 0.5 else -level
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    found = cv2.warpAffine(crop, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.uint8)


def _bytes(values: NDArray[np.floating]) -> Crops:
    return np.asarray(np.rint(np.clip(values, 0, 255)), np.uint8)
