"""Where the panel of a face goes: beside it, inside the picture, on no face and on no other panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """Pixels: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """The area that two boxes share."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0) * max(high, 0)


class Size(NamedTuple):
    width: float
    height: float


def place(face: Box, sizes: Sequence[Size], taken: Iterable[Box], page: Size, gap: float) -> tuple[int, Box]:
    """The first of some sizes that finds a free place beside a face, and that place.

    Args:
        face: what the panel belongs to; the panel does not lie on it.
        sizes: of the panel, the dearest first.
        taken: other faces and panels.
        page: the picture; the panel lies inside it.
        gap: between face and panel, in pixels.

    Returns:
        The position in `sizes`, and the box. Where nothing is free, the last size where it covers least.
    """
    blocked = [face, *taken]
    least, best = float("inf"), (len(sizes) - 1, Box(0, 0, *sizes[-1]))
    for i, size in enumerate(sizes):
        for box in _candidates(face, size, page, gap):
            covered = sum(box.overlap(other) for other in blocked)
            if covered == 0:
                return i, box
            if i == len(sizes) - 1 and covered < least:
                least, best = covered, (i, box)
    return best


def _candidates(face: Box, size: Size, page: Size, gap: float) -> Iterator[Box]:
    """Right, left, under and over the face, moved along its side as far as the picture's edge demands."""
    width, height = size
    middle = (face.left + face.right - width) / 2
    for left, top in (
        (face.right + gap, face.top),
        (face.left - gap - width, face.top),
        (face.right + gap, face.bottom - height),
        (face.left - gap - width, face.bottom - height),
        (middle, face.bottom + gap),
        (middle, face.top - gap - height),
        (face.left, face.bottom + gap),
        (face.left, face.top - gap - height),
        (face.right - width, face.bottom + gap),
        (face.right - width, face.top - gap - height),
    ):
        x = max(min(left, page.width - width), 0)
        y = max(min(top, page.height - height), 0)
        yield Box(x, y, x + width, y + height)
