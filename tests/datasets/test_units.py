from __future__ import annotations

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic import synthetic
from mien.datasets.units import DRAWN_CUT, intensity, occurrence

NAN = np.nan


def coded() -> FaceSet:
    return FaceSet(
        "coded",
        pixels=np.zeros((3, 4, 4), np.uint8),
        targets={
            "action_units": np.float32([[1, 0], [0, NAN], [NAN, 1]]),
            "intensity": np.float32([[3, 0], [0, NAN], [NAN, 5]]),
        },
        action_units=("AU06", "AU12"),
    )


def test_units_by_name_and_what_is_not_coded_is_unknown() -> None:
    np.testing.assert_array_equal(occurrence(coded()), np.float32([[1, 0], [0, NAN], [NAN, 1]]))
    np.testing.assert_array_equal(
        occurrence(coded(), ["AU12", "AU20", "AU06"]), np.float32([[0, NAN, 1], [NAN, NAN, 0], [1, NAN, NAN]])
    )
    np.testing.assert_array_equal(intensity(coded(), ("AU12",)), np.float32([[0], [NAN], [5]]))


def test_occurrence_is_no_intensity() -> None:
    bare = coded()
    bare = bare.replace(targets={"action_units": bare.targets["action_units"]}, name="synthetic")
    assert np.isnan(intensity(bare)).all()


def test_drawn_faces_have_both() -> None:
    faces = synthetic(n=50, size=16)
    strength = faces.targets["action_units"]
    np.testing.assert_array_equal(occurrence(faces), (strength >= DRAWN_CUT).astype(np.float32))
    np.testing.assert_allclose(intensity(faces), 5 * strength, rtol=1e-6)
    assert 0 < occurrence(faces).mean() < 1
