from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

DrawUnits = Callable[..., NDArray[np.uint8]]


def test_a_dropped_jaw_moves_the_chin_and_leaves_the_hair(draw_units: DrawUnits) -> None:
    rest, open_mouth = (draw_units(**units).astype(int) for units in ({}, {"AU26": 1.0}))
    moved = np.abs(open_mouth - rest)
    assert moved[:, 34:].mean() > 5 * moved[:, :8].mean()
    assert moved[:, 34:].mean() > 1


def test_people_differ_from_one_another(draw_units: DrawUnits) -> None:
    faces = draw_units().astype(int)
    assert all(np.abs(faces[0] - other).mean() > 3 for other in faces[1:])
