"""What the pictures of a data set are like: sizes, colour, brightness, and which hold nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.decode import in_threads, is_grey
from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.images.read import read_image

BATCH = 1024
"""Rows looked at between two reports of progress; pictures in files are let go one by one."""
SHOWN_SIZES = 5

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PictureCensus:
    """One row a picture; nothing of the pictures themselves is kept.

    Attributes:
        size: (n, 2) height and width in pixels; 0 where a picture could not be read.
        grey: (n,) whether it has no colour.
        mean: (n, 3) of its pixels in 0..1 by channel; NaN where it could not be read.
        square: (n, 3) mean of their squares.
        constant: (n,) whether all its pixels are one and the same.
        faults: row -> why its picture could not be read.
    """

    size: NDArray[np.int64]
    grey: NDArray[np.bool_]
    mean: NDArray[np.float64]
    square: NDArray[np.float64]
    constant: NDArray[np.bool_]
    faults: dict[int, str]

    @property
    def readable(self) -> NDArray[np.bool_]:
        """(n,) whether the picture could be read."""
        return np.asarray(self.size[:, 0] > 0)

    def to_dict(self) -> dict[str, Any]:
        """Sizes, colour and extremes over all pictures; rows count from 0 in the set as it was read."""
        seen = np.flatnonzero(self.readable)
        if not len(seen):
            return {"readable": 0, "unreadable": len(self.size)}
        sizes = Counter(f"{w} x {h}" for h, w in self.size[seen].tolist())
        grey = int(self.grey[seen].sum())
        light = self.mean[seen].mean(axis=1)
        ends = {"darkest": seen[light.argmin()], "brightest": seen[light.argmax()]}
        return {
            "readable": len(seen),
            "unreadable": len(self.size) - len(seen),
            "sizes": dict(sizes.most_common(SHOWN_SIZES)),
            "distinct_sizes": len(sizes),
            "width": [int(self.size[seen, 1].min()), int(self.size[seen, 1].max())],
            "height": [int(self.size[seen, 0].min()), int(self.size[seen, 0].max())],
            "colour": "grey" if grey == len(seen) else "rgb" if grey == 0 else "mixed",
            "grey": grey,
            **{name: {"row": int(row), "mean": round(float(self.mean[row].mean()), 4)} for name, row in ends.items()},
            "constant": int(self.constant[seen].sum()),
        }

    def pixels(self, rows: NDArray[np.bool_]) -> dict[str, Any] | None:
        """Mean and standard deviation of the pixels of these rows in 0..1, one of each a channel.

        Every picture counts the same, whatever its size. None without a readable one.
        """
        seen = rows & self.readable
        if not seen.any():
            return None
        channels = 1 if self.grey[seen].all() else 3
        mean = self.mean[seen, :channels].mean(axis=0)
        deviation = np.sqrt(np.maximum(self.square[seen, :channels].mean(axis=0) - mean**2, 0))
        return {"n": int(seen.sum()), "mean": np.round(mean, 4).tolist(), "std": np.round(deviation, 4).tolist()}


def picture_census(faces: FaceSet, progress: Progress | None = None) -> PictureCensus:
    """Look at every picture once, as it is stored; memory does not grow with their number or size.

    Args:
        progress: called with rows done and rows in all.
    """
    n = len(faces)
    out = PictureCensus(
        size=np.zeros((n, 2), np.int64),
        grey=np.zeros(n, np.bool_),
        mean=np.full((n, 3), np.nan),
        square=np.full((n, 3), np.nan),
        constant=np.zeros(n, np.bool_),
        faults={},
    )
    for start in range(0, n, BATCH):
        stop = min(start + BATCH, n)
        for row, seen in enumerate(_seen(faces, start, stop), start):
            if isinstance(seen, str):
                out.faults[row] = seen
            else:
                out.size[row], out.grey[row], out.mean[row], out.square[row], out.constant[row] = seen
        if progress is not None:
            progress(stop, n)
    return out


_Seen = tuple[tuple[int, int], bool, NDArray[np.float64], NDArray[np.float64], bool]


def _seen(faces: FaceSet, start: int, stop: int) -> Iterator[_Seen | str]:
    if faces.paths is not None:
        yield from in_threads(_look_at, faces.paths[start:stop].tolist())
        return
    assert faces.pixels is not None  # a FaceSet holds either pixels or paths
    for picture in faces.pixels[start:stop]:
        yield _measure(picture)


def _look_at(path: str) -> _Seen | str:
    try:
        return _measure(read_image(path))
    except MienError as error:
        return str(error)


def _measure(picture: NDArray[np.uint8]) -> _Seen:
    """Size, whether grey, means of pixels and of their squares in 0..1, whether constant."""
    height, width = picture.shape[:2]
    grey = is_grey(picture)
    plane = picture[..., :1] if grey and picture.ndim == 3 else picture.reshape(height, width, -1)
    channels = plane.reshape(height * width, -1)
    # whole numbers, so that equal pictures have equal means in any order of adding
    total = channels.sum(axis=0, dtype=np.int64)
    wide = channels.astype(np.uint32)
    squares = (wide * wide).sum(axis=0, dtype=np.int64)
    mean, square = total / (255 * height * width), squares / (255**2 * height * width)
    constant = bool((channels == channels[0]).all())
    return (height, width), grey, np.broadcast_to(mean, 3), np.broadcast_to(square, 3), constant
