from __future__ import annotations

import numpy as np

from mien.runtime.placing import Box, Size, place

PAGE = Size(1000, 600)


def test_a_panel_stands_to_the_right_where_there_is_room() -> None:
    at, box = place(Box(100, 100, 200, 220), [Size(150, 100), Size(50, 20)], [], PAGE, 5)
    assert (at, box) == (0, Box(205, 100, 355, 200))


def test_at_the_edge_it_goes_to_the_other_side() -> None:
    _, box = place(Box(880, 100, 980, 220), [Size(150, 100)], [], PAGE, 5)
    assert box.right < 880


def test_where_the_large_panel_has_no_place_the_small_one_is_taken() -> None:
    face = Box(10, 10, 990, 500)
    at, box = place(face, [Size(500, 300), Size(100, 60)], [], PAGE, 5)
    assert at == 1
    assert box.overlap(face) == 0


def test_panels_stay_inside_and_off_faces_wherever_these_are() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        corner = rng.uniform((-40, -40), (960, 560), (4, 2))
        faces = [Box(x, y, x + s, y + 1.3 * s) for (x, y), s in zip(corner, rng.uniform(20, 150, 4), strict=True)]
        at, box = place(faces[0], [Size(160, 140), Size(160, 60), Size(90, 20)], faces[1:], PAGE, 4)
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= PAGE.width
        assert box.bottom <= PAGE.height
        if at < 2:
            assert all(box.overlap(face) == 0 for face in faces)


def test_where_nothing_is_free_it_covers_the_least() -> None:
    page = Size(100, 100)
    at, box = place(Box(0, 0, 100, 100), [Size(80, 80), Size(30, 10)], [], page, 2)
    assert at == 1
    assert 0 <= box.left < box.right <= 100
