from __future__ import annotations

import numpy as np
import pytest

from mien.detect.none import whole


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ((48, 48), [0, 0, 48, 48]),
        ((60, 100), [20, 0, 80, 60]),
        ((101, 60), [0, 20.5, 60, 80.5]),
        ((1, 1), [0, 0, 1, 1]),
    ],
)
def test_the_centred_square(shape: tuple[int, int], box: list[float]) -> None:
    faces = whole(np.zeros((*shape, 3), np.uint8))
    assert faces.boxes.tolist() == [box]
    assert faces.source == ("whole",)
    assert faces.scores.tolist() == [1]
