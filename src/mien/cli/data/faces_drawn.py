"""Sample faces and mean faces of a data set's classes, as figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet

MOST_IN_FILES = 2000
"""Faces of a class in its mean face where pictures have to be read from files a second time."""
LARGEST_SIDE = 96
"""Pixels; larger faces are shrunk to it."""


def draw_faces(faces: FaceSet, scheme: str, out: Path, most: int, seed: int) -> None:
    """samples.png and mean-faces.png."""
    import numpy as np

    from mien.datasets.class_faces import draw_rows, mean_of
    from mien.evaluate.label_scheme import emotions_of
    from mien.evaluate.pixels import crops
    from mien.labels import EMOTIONS
    from mien.plots.contact_sheet import plot_contact_sheet
    from mien.plots.mean_faces import plot_mean_faces

    labels, classes = faces.hard(scheme), np.flatnonzero(emotions_of(faces, scheme))
    names = [EMOTIONS[k] for k in classes]
    side, colour = LARGEST_SIDE, "rgb"
    if faces.pixels is not None:
        side, colour = min(max(faces.pixels.shape[1:3]), side), "grey" if faces.pixels.ndim == 3 else "rgb"
    rows = draw_rows(labels, classes, most, seed)
    shape = (side, side, 1 if colour == "grey" else 3)
    shown = {name: np.concatenate([np.empty((0, *shape), np.uint8), *crops(faces.select(some), side, side, colour)])
             for name, some in zip(names, rows, strict=True)}  # fmt: skip
    plot_contact_sheet(shown, out / "samples.png", title=f"{faces.name}, {scheme} labels")
    rows = draw_rows(labels, classes, len(faces) if faces.pixels is not None else MOST_IN_FILES, seed)
    means = [mean_of(crops(faces.select(some), side, side, colour)) if len(some) else np.zeros(shape) for some in rows]
    counts = [len(some) for some in rows]
    plot_mean_faces(names, np.stack(means), counts, out / "mean-faces.png", title=f"{faces.name}, {scheme} labels")
