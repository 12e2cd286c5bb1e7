"""Offline augmentation of one class, after O'Shea: its pictures copied mirrored, then each copied rotated."""

from __future__ import annotations

import re
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.labels import emotion_index


def augment_classes(faces: FaceSet, scheme: str, plan: Mapping[str, str], seed: int) -> FaceSet:
    """Append copies of the faces of some emotions; FER2013's 349 disgust become 1,396 by "mirror+rotate10".

    Args:
        plan: emotion -> steps joined by "+", each of which doubles what is there: `mirror`, or `rotateD` by
            whole degrees drawn from -D..D.

    Returns:
        The set with copies at its end; `made_from` gives the position of the face that each was made from.

    Raises:
        MienError: an unknown step, or a data set of paths.
    """
    if faces.pixels is None:
        raise MienError("augment.targeted: needs a data set of pixels; convert it to Parquet first")
    rng = np.random.default_rng(seed)
    index = [np.arange(len(faces))]
    pictures = [faces.pixels]
    for name, steps in plan.items():
        chosen = np.flatnonzero(faces.hard(scheme) == emotion_index(name))
        grown, origin = faces.pixels[chosen], chosen
        for step in steps.split("+"):
            grown = np.concatenate([grown, _copies(grown, step.strip(), rng)])
            origin = np.concatenate([origin, origin])
        pictures.append(grown[len(chosen) :])
        index.append(origin[len(chosen) :])
    order = np.concatenate(index)
    made_from = np.where(np.arange(len(order)) < len(faces), -1, order)
    made_from[: len(faces)] = faces.made_from
    return faces.select(order).replace(pixels=np.concatenate(pictures), made_from=made_from)


def _copies(pixels: NDArray[np.uint8], step: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(n, h, w[, 3]) uint8 -> as many, mirrored or rotated about the centre with the border repeated."""
    if step == "mirror":
        return np.ascontiguousarray(pixels[:, :, ::-1])
    match = re.fullmatch(r"rotate(\d+)", step)
    if match is None:
        raise MienError(f"augment.targeted: unknown step {step!r}; steps are mirror and rotateDEGREES")
    most = int(match[1])
    height, width = pixels.shape[1:3]
    centre = ((width - 1) / 2, (height - 1) / 2)
    out = np.empty_like(pixels)
    for i, degrees in enumerate(rng.integers(-most, most, size=len(pixels), endpoint=True)):
        matrix = cv2.getRotationMatrix2D(centre, float(degrees), 1.0)
        out[i] = cv2.warpAffine(pixels[i], matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return out
