"""Faces as a recipe's [augment] hands them to a network, as pixels again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mien.images.crop import fit
from mien.lab.augment.draw import Draw
from mien.lab.augment.pipeline import augment_batch
from mien.lab.train.recipe import Augment
from mien.lab.train.recipe_file import read_recipe

_BATCH = 256


def augment_of(recipe: str | Path) -> Augment:
    """A recipe's [augment] as far as it changes one face: without mixup, and without `targeted`, which adds faces.

    Raises:
        MienError: no such recipe, or a broken one.
    """
    return replace(read_recipe(recipe).augment, mixup=0.0, targeted={})


def augmented(crops: NDArray[np.uint8], settings: Augment, seed: int = 0) -> NDArray[np.uint8]:
    """One random variant of each face.

    Args:
        crops: uint8 (n, h, w, c).
        settings: from `augment_of`; a `crop` smaller than the face is enlarged again.

    Returns:
        uint8 (n, h, w, c); what lighting pushes out of 0..255 is clipped.
    """
    n, height, width, channels = crops.shape
    out = np.empty_like(crops)
    for start in range(0, n, _BATCH):
        part = torch.from_numpy(np.ascontiguousarray(crops[start : start + _BATCH].transpose(0, 3, 1, 2)))
        draw = Draw(torch.Generator().manual_seed(seed * 1_000_003 + start), len(part))
        x, _ = augment_batch(part.float() / 255, {}, settings, draw, side=(height, width), normal=lambda x: x)
        pixels = (x.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        whole = pixels[..., 0] if channels == 1 else pixels
        out[start : start + _BATCH] = fit(whole, height, width, "grey" if channels == 1 else "rgb")
    return out
