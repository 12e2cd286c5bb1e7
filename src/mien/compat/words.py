"""The seven emotions as DeepFace and fer name them, and eight probabilities told by those names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.labels import emotion_index

WORDS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""In the order of both packages' answers."""


class NotAnalysedError(MienError, ValueError):
    """What these packages tell by a ValueError: code that expects one catches it."""


class FaceNotDetected(NotAnalysedError):  # noqa: N818  (DeepFace's name)
    """No face was found, as DeepFace's exception of this name tells it."""


def of_seven(emotion: NDArray[np.float32]) -> dict[str, float]:
    """The probabilities of one face by WORDS, summing to 1 (to 0 where contempt has all of it).

    Contempt has no place among the seven: its part is shared out in proportion, p / (1 - p_contempt).

    Args:
        emotion: (8,) probabilities in the order of `labels.EMOTIONS`, NaN for contempt where there is none.

    Raises:
        NotAnalysedError: a face that was not classified.
    """
    seven = np.array([emotion[emotion_index(word)] for word in WORDS], np.float64)
    if np.isnan(seven).any():
        raise NotAnalysedError("a face without emotions; these formats tell of faces that were classified")
    total = seven.sum()
    return {word: float(p) for word, p in zip(WORDS, seven / total if total > 0 else seven, strict=True)}


def likeliest(emotions: dict[str, float]) -> str:
    """The word of the greatest probability; the first of equals."""
    return max(emotions, key=lambda word: emotions[word])


def rgb_of(array: Any) -> NDArray[np.uint8]:
    """A picture as OpenCV has it, uint8 (h, w, 3) BGR or (h, w) grey -> RGB, contiguous.

    Raises:
        NotAnalysedError: something else.
    """
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.size == 0:
        said = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise NotAnalysedError(f"{said}: not a picture; give a path or a uint8 array (h, w, 3) in BGR order")
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] != 3:
        raise NotAnalysedError(
            f"array of shape {array.shape}: not a picture; give a uint8 array (h, w, 3) in BGR order"
        )
    return np.ascontiguousarray(array[:, :, ::-1])
