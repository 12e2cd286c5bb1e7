"""What holds rows together."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.datasets.groups import groups_of
from mien.errors import MienError


def faces(**more: object) -> FaceSet:
    return FaceSet("few", pixels=np.zeros((4, 2, 2), np.uint8), **more)  # type: ignore[arg-type]


def test_people_and_rows_of_nobody() -> None:
    names = groups_of(faces(subject=np.array(["a", "b", "a", ""])), "subject")
    assert names is not None
    assert names[0] == names[2]
    assert len(set(names.tolist())) == 3
    assert "" not in names


def test_repeated_rows_and_made_pictures_hold_together() -> None:
    assert groups_of(faces()) is None
    repeated = groups_of(faces(row=np.array([0, 5, 5, 7])))
    assert repeated is not None
    assert repeated[1] == repeated[2]
    assert len(set(repeated.tolist())) == 3
    made = groups_of(faces(made_from=np.array([-1, -1, 0, 0])))
    assert made is not None
    assert made[0] == made[2] == made[3] != made[1]


def test_the_same_row_of_two_files_is_two() -> None:
    assert groups_of(faces(row=np.array([0, 1, 0, 1]), file=np.array(["a", "a", "b", "b"]))) is None


def test_what_is_not_known() -> None:
    with pytest.raises(MienError, match="few: knows no group of any row"):
        groups_of(faces(), "group")
    with pytest.raises(MienError, match="choose subject or group"):
        groups_of(faces(), "person")
