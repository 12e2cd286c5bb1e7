"""Several sets as one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.concatenate import concatenate
from mien.datasets.face_set import FaceSet
from mien.errors import MienError

Pixels = NDArray[np.uint8]


def test_rows_follow_and_absent_labels_are_nan(pixels: Pixels) -> None:
    targets = np.eye(8, dtype=np.float32)[:5]
    votes = np.full((4, 10), 1, np.int16)
    a = FaceSet("a", pixels[:5], targets={"fer2013": targets}, split=np.full(5, "Training"))
    b = FaceSet("b", pixels[5:], targets={"valence": np.ones(4, np.float32)}, votes=votes)
    both = concatenate([a, b])
    assert both.name == "a"
    assert (both.pixels == pixels).all()
    np.testing.assert_array_equal(both.targets["fer2013"][:5], targets)
    assert np.isnan(both.targets["fer2013"][5:]).all()
    assert np.isnan(both.targets["valence"][:5]).all()
    assert both.votes is not None
    assert both.votes[:5].sum() == 0
    assert (both.votes[5:] == 1).all()
    assert both.split.tolist() == ["Training"] * 5 + [""] * 4
    assert both.row.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3]


def test_units_go_by_name_and_not_by_place(pixels: Pixels) -> None:
    a = FaceSet("a", pixels[:2], targets={"action_units": np.float32([[1, 0]] * 2)}, action_units=("AU12", "AU06"))
    strong = {"action_units": np.float32([[1, 1]]), "intensity": np.float32([[3, 5]])}
    b = FaceSet("b", pixels[2:3], targets=strong, action_units=("AU01", "AU12"))
    both = concatenate([a, b, FaceSet("c", pixels[3:4])])
    assert both.action_units == ("AU01", "AU06", "AU12")
    nan = np.nan
    expected = [[nan, 0, 1]] * 2 + [[1, nan, 1]] + [[nan] * 3]
    np.testing.assert_array_equal(both.targets["action_units"], np.float32(expected))
    np.testing.assert_array_equal(both.targets["intensity"][2:], np.float32([[3, nan, 5], [nan] * 3]))
    assert concatenate([FaceSet("c", pixels[3:4]), a]).action_units == ("AU12", "AU06")  # the order that is there


def test_one_part_is_itself_and_none_an_error(pixels: Pixels) -> None:
    faces = FaceSet("a", pixels)
    assert concatenate([faces]) is faces
    with pytest.raises(ValueError, match="nothing"):
        concatenate([])


def test_different_pictures_are_refused(pixels: Pixels) -> None:
    with pytest.raises(MienError, match="different pictures"):
        concatenate([FaceSet("a", pixels), FaceSet("b", pixels[:, :24])])
    with pytest.raises(MienError, match="different pictures"):
        concatenate([FaceSet("a", pixels), FaceSet("b", paths=np.array(["x.png"]))])
