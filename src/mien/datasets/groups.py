"""Which rows must stay on one side of any cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError

BY = ("subject", "group")


def groups_of(faces: FaceSet, by: str = "") -> NDArray[np.str_] | None:
    """(n,) names for a cut: the person or group, and one name for a row, its repeats and pictures made from it.

    Args:
        by: "subject" or "group"; "" for none, so that only repeats and made pictures hold together.

    Returns:
        None where no two rows hold together and `by` is "". Rows whose person or group is not known are on their
        own.

    Raises:
        MienError: `by` that is neither, or of which the set knows nothing.
    """
    if by and by not in BY:
        raise MienError(f"cut by {by!r}: choose {' or '.join(BY)}")
    origin = np.where(faces.made_from >= 0, faces.made_from, faces.row)
    _, file = np.unique(faces.file, return_inverse=True)
    pairs = np.stack([file.ravel(), origin])
    _, picture = np.unique(pairs, axis=1, return_inverse=True)
    alone = np.char.add("row ", picture.ravel().astype(np.str_))
    if not by:
        return alone if len(np.unique(picture)) < len(faces) else None
    named: NDArray[np.str_] = getattr(faces, by)
    if not (named != "").any():
        raise MienError(
            f"{faces.name}: knows no {by} of any row: leave it out (--by, data.holdout_by), or give data that names it"
        )
    return np.where(named != "", np.char.add(f"{by} ", named), alone)
