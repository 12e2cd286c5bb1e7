"""Which rows of a data set a model says that it has learnt: a score on them says nothing of other faces."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.protocols import find
from mien.errors import MienError
from mien.model_spec import ModelSpec


def learnt_rows(spec: ModelSpec, faces: FaceSet) -> NDArray[np.bool_]:
    """(n,) rows of the split, or of the side of the protocol's cut, that the ModelSpec names.

    A holdout or fold that was cut off that split counts as learnt. Nothing does where the ModelSpec names no data
    or other data than these.

    Args:
        faces: the whole data set, as it stands or cut by that protocol.
    """
    facts = spec.training
    nothing = np.zeros(len(faces), np.bool_)
    if not facts.get("train") or facts.get("data_sha256") != (faces.content or faces.digest()):
        return nothing
    split, protocol = faces.split, facts.get("protocol")
    if protocol and (found := find(protocol["name"])).fits(faces):
        with suppress(MienError):  # faces that are cut by it already
            split = found.sides(faces, protocol["fold"])
    return np.asarray(split == facts["train"])
