"""What `infer` is handed -> the network's input."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from mien.errors import MienError
from mien.lab.opendr.image import Image
from mien.lab.opendr.published_esr import SIDE

_BRIGHT = 10.0
"""No face in 0..1 has a pixel above this, however it was normalised; one in 0..255 that has none is black."""


def batch_of(given: Any) -> Tensor:
    """(n, 3, 96, 96) float32 in 0..1, BGR.

    uint8 pixels are divided by 255, floats taken as they are. Arrays and tensors are BGR; an `Image` knows its order.

    Args:
        given: an Image, an array or tensor (3, 96, 96) or (n, 3, 96, 96), or a list of such.

    Raises:
        MienError: anything else, another size, or floats in 0..255.
    """
    faces = list(given) if isinstance(given, list | tuple) else [given]
    if not faces:
        raise MienError("infer: an empty list; hand in one face or more")
    parts = [_faces(one) for one in faces]
    return torch.cat(parts)


def _faces(given: Any) -> Tensor:
    pixels = torch.from_numpy(given.convert("channels_first", "bgr")) if isinstance(given, Image) else _tensor(given)
    if pixels.ndim == 3:
        pixels = pixels[None]
    if pixels.ndim != 4 or tuple(pixels.shape[1:]) != (3, SIDE, SIDE):
        shape = tuple(pixels.shape[1:] if pixels.ndim == 4 else pixels.shape)
        raise MienError(
            f"infer: a face of {shape}, expected (3, {SIDE}, {SIDE}) in BGR: cv2.resize(face, ({SIDE}, {SIDE})) first,"
            " with its channels moved to the front"
        )
    if pixels.dtype == torch.uint8:
        return pixels.float() / 255
    pixels = pixels.float()
    if pixels.numel() and float(pixels.max()) > _BRIGHT:
        raise MienError(f"infer: float pixels up to {float(pixels.max()):g}; hand in 0..1, or uint8")
    return pixels


def _tensor(given: Any) -> Tensor:
    if isinstance(given, Tensor):
        return given.detach().cpu()
    try:
        return torch.from_numpy(np.array(given))
    except (TypeError, ValueError) as error:
        raise MienError(
            f"infer: {type(given).__name__} is no picture; hand in an Image, an array or a tensor"
        ) from error
