"""Units counted by split, by intensity and together."""

from __future__ import annotations

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.datasets.unit_census import unit_counts

NAN = np.nan


def faces(**changes: object) -> FaceSet:
    codes = np.float32([[1, 1, 0], [1, NAN, 0], [0, 1, NAN], [1, 0, NAN]])
    return FaceSet(
        "few",
        np.zeros((4, 2, 2), np.uint8),
        targets={"action_units": codes, "intensity": np.float32([[3, 5, 0], [2.6, NAN, 0], [0, 1, NAN], [5, 0, NAN]])},
        action_units=("AU01", "AU02", "AU04"),
        split=np.array(["Test", "Training", "Training", ""]),
    ).replace(**changes)


def test_rows_by_unit_and_split() -> None:
    found = unit_counts(faces())
    assert found is not None
    assert found.splits == ("Training", "Test", "(none)")
    told = found.to_dict()["units"]
    assert told["AU01"]["Training"] == {"shown": 1, "not": 1, "unknown": 0}
    assert told["AU02"]["all"] == {"shown": 2, "not": 1, "unknown": 1}
    assert told["AU04"]["all"] == {"shown": 0, "not": 2, "unknown": 2}
    assert told["AU01"]["intensity"] == [1, 0, 0, 2, 0, 1]
    assert (found.rows.sum(axis=0).sum(axis=1) == 4).all()


def test_together_counts_only_rows_in_which_both_are_known() -> None:
    found = unit_counts(faces())
    assert found is not None
    assert found.both.tolist() == [[3, 1, 0], [1, 2, 0], [0, 0, 0]]
    assert found.of.tolist() == [[3, 2, 2], [2, 2, 1], [0, 0, 0]]
    np.testing.assert_allclose(
        found.conditional, [[75, 50, 0], [50, 200 / 3, 0], [NAN, NAN, 0]], rtol=1e-6, equal_nan=True
    )


def test_strengths_of_drawn_faces_are_cut_and_sets_without_units_have_none() -> None:
    drawn = np.float32([[0.1, 0.2, 1.0]] * 4)
    found = unit_counts(faces(targets={"action_units": drawn}))
    assert found is not None
    assert found.rows[0].sum(axis=1).tolist() == [0, 4, 4]
    assert found.levels is None
    assert unit_counts(faces(targets={}, action_units=())) is None
