"""The pixels of a FaceSet's rows in the size that somebody asks for, whether they lie in memory or in files."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.images.crop import fit, square_crops
from mien.images.read import read_image

BOX_FACTOR = 1.0
"""Side of the square cut around a data set's own box, over the box's height."""


def crops(faces: FaceSet, height: int, width: int, colour: str, batch: int = 256) -> Iterator[NDArray[np.uint8]]:
    """The rows in order, a batch at a time, so that sets of files of any length fit into memory.

    Yields:
        uint8 (m, height, width, c), m at most `batch`. Of a picture file with a box the square around the
        box is cut; of one without the whole picture is the face.

    Raises:
        MienError: a picture that cannot be read, naming its file.
    """
    for start in range(0, len(faces), batch):
        stop = min(start + batch, len(faces))
        if faces.pixels is not None:
            yield fit(faces.pixels[start:stop], height, width, colour)
        else:
            rows = [_from_file(faces, row, height, width, colour) for row in range(start, stop)]
            yield np.concatenate(rows)


def originals(faces: FaceSet) -> Iterator[NDArray[np.uint8]]:
    """Each row's picture as it is stored, (h, w) or (h, w, 3).

    Raises:
        MienError: a picture that cannot be read, naming its file.
    """
    if faces.pixels is not None:
        yield from faces.pixels
    elif faces.paths is not None:
        for path in faces.paths:
            yield read_image(str(path))


def _from_file(faces: FaceSet, row: int, height: int, width: int, colour: str) -> NDArray[np.uint8]:
    assert faces.paths is not None  # a FaceSet holds either pixels or paths
    image = read_image(str(faces.paths[row]))
    if faces.box is not None and np.isfinite(faces.box[row]).all():
        return square_crops(image, faces.box[row : row + 1], BOX_FACTOR, height, width, colour)
    return fit(image[None], height, width, colour)
