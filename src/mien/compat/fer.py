"""`FER().detect_emotions` and its answers: `from mien.compat.fer import FER`.

Follows JustinShenk/fer: names, boxes and rounding are its, the probabilities are mien's. docs/coming-from.md lists
the differences.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mien.compat.words import NotAnalysedError, likeliest, of_seven, rgb_of
from mien.errors import MienError
from mien.faces import Faces
from mien.images.read import read_image
from mien.labels import EMOTIONS
from mien.runtime import catalog
from mien.runtime.analyzer import Analyzer
from mien.runtime.probabilities import emotion_probabilities

Picture: TypeAlias = "str | os.PathLike[str] | NDArray[np.uint8]"


class FER:
    """A detector of faces and their emotions with fer's methods.

    Args:
        cascade_file, scale_factor, min_neighbors, offsets, compile, tfserving: of fer's own detector and network;
            they change nothing.
        mtcnn: changes nothing either; mien's detector is used.
        emotion_model: an .onnx file or a bundled name; fer's own .hdf5 files cannot be read.
        min_face_size: faces less high than this many pixels are not told.

    Raises:
        MienError: an unknown model.
    """

    def __init__(
        self,
        cascade_file: str | None = None,
        mtcnn: bool = False,
        tfserving: bool = False,
        scale_factor: float = 1.1,
        min_face_size: int = 50,
        min_neighbors: int = 5,
        offsets: tuple[int, int] = (10, 10),
        compile: bool = False,  # noqa: A002  (fer's name)
        *,
        emotion_model: str | os.PathLike[str] | None = None,
    ) -> None:
        self._analyzer = Analyzer(emotion_model or catalog.DEFAULT, min_face=min_face_size)
        self.emotions: list[dict[str, Any]] = []

    def detect_emotions(
        self, img: Picture, face_rectangles: Iterable[Sequence[float]] | None = None
    ) -> list[dict[str, Any]]:
        """Every face's box and emotions, from left to right.

        Args:
            img: path, or uint8 array (h, w, 3) in BGR order or (h, w) grey.
            face_rectangles: `x, y, width, height` in pixels of faces that are known already; None to search.

        Returns:
            `[{"box": [x, y, width, height], "emotions": {name: probability, two digits}}, ...]`, empty for no face.

        Raises:
            NotAnalysedError: a ValueError; what cannot be read.
        """
        image = _read(img)
        faces = self._analyzer(image) if face_rectangles is None else self._known(image, face_rectangles)
        self.emotions = to_fer(faces)
        return self.emotions

    def top_emotion(self, img: Picture) -> tuple[str | None, float | None]:
        """The likeliest emotion of the first face and its probability; (None, None) for no face."""
        found = self.detect_emotions(img)
        if not found:
            return None, None
        emotions: dict[str, float] = found[0]["emotions"]
        top = likeliest(emotions)
        return top, emotions[top]

    def find_faces(self, img: Picture, bgr: bool = True) -> list[list[int]]:
        """Boxes as [x, y, width, height]; an array that is not BGR is grey."""
        return [_box(box) for box in self._analyzer.detect(_read(img)).boxes]

    def _known(self, image: NDArray[np.uint8], rectangles: Iterable[Sequence[float]]) -> Faces:
        boxes = np.asarray(list(rectangles), np.float32).reshape(-1, 4)
        if (boxes[:, 2:] <= 0).any():
            raise NotAnalysedError("face_rectangles: a width or height that is not positive; give x, y, width, height")
        boxes[:, 2:] += boxes[:, :2]
        n, (height, width) = len(boxes), image.shape[:2]
        faces = Faces(
            "array",
            boxes,
            np.ones(n, np.float32),
            np.full((n, len(EMOTIONS)), np.nan, np.float32),
            size=(height, width),
        )
        if n == 0:
            return faces
        logits = self._analyzer.model.run(self._analyzer.crops(image, faces)).logits
        return replace(faces, emotion=emotion_probabilities(self._analyzer.spec, logits))


def to_fer(faces: Faces) -> list[dict[str, Any]]:
    """What `FER.detect_emotions` would return for these faces.

    Raises:
        NotAnalysedError: a picture that could not be read.
    """
    if faces.error is not None:
        raise NotAnalysedError(f"{faces.input}: {faces.error}")
    return [
        {"box": _box(box), "emotions": {word: round(p, 2) for word, p in of_seven(emotion).items()}}
        for box, emotion in zip(faces.boxes, faces.emotion, strict=True)
    ]


def _box(box: NDArray[np.float32]) -> list[int]:
    left, top, right, bottom = (round(float(edge)) for edge in box)
    return [left, top, right - left, bottom - top]


def _read(img: Any) -> NDArray[np.uint8]:
    if isinstance(img, (str, os.PathLike)):
        try:
            return read_image(img)
        except MienError as error:
            raise NotAnalysedError(str(error)) from error
    return rgb_of(img)
