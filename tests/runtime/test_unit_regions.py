from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.synthetic.expression import DRAWN_UNITS, Expression
from mien.datasets.synthetic.picture import draw
from mien.labels import ACTION_UNITS
from mien.runtime.unit_regions import REGIONS, outlined, region_area, region_mask, region_share

FACES = 40


def drawn(unit: str) -> np.ndarray:
    """(n, 48, 48) the same people, poses and light, with one unit or none."""
    units, one = np.zeros((FACES, len(DRAWN_UNITS)), np.float32), np.ones((FACES, 1, 1), np.float32)
    units[:, [name == unit for name in DRAWN_UNITS]] = 1
    shows = Expression(units, one, one)
    return draw(
        1, np.arange(FACES), shows, difficulty=0.3, size=48, identities=FACES, colour="grey"
    ).astype(np.float64)  # fmt: skip


def test_most_of_what_a_unit_changes_on_a_drawn_face_lies_in_its_region() -> None:
    """Measured over 60 faces: 63 % (AU17) to all of it, in regions of 9 to 19 % of the picture."""
    still = drawn("")
    for unit in DRAWN_UNITS:
        change = np.abs(drawn(unit) - still)
        inside = change[:, region_mask(unit, 48, 48)].sum() / change.sum()
        assert inside > 0.55, unit
        assert inside > 3 * region_area(unit), unit


def test_every_region_is_of_a_known_unit_inside_the_picture_and_the_same_on_both_sides() -> None:
    for unit, boxes in REGIONS.items():
        assert unit in ACTION_UNITS
        for left, top, right, bottom in boxes:
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1
        mask = region_mask(unit, 200, 200)
        np.testing.assert_array_equal(mask, mask[:, ::-1])
        assert 0.03 < region_area(unit) < 0.25


def test_masks_follow_the_boxes_at_any_size() -> None:
    mask = region_mask("AU25", 100, 50)  # one box: 0.28, 0.66, 0.72, 0.94
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert (rows[0], rows[-1]) == (66, 93)
    assert (columns[0], columns[-1]) == (14, 35)
    assert mask.sum() == 28 * 22


def test_share_of_heat_is_by_area_for_even_heat_and_whole_where_all_of_it_is_inside() -> None:
    mouth = np.zeros((1, 12, 12), np.float32)
    mouth[0, 9, 5:7] = 3
    even, forehead, none = np.ones((1, 6, 6), np.float32), np.zeros((1, 6, 6), np.float32), -np.ones((1, 6, 6))
    forehead[0, 0] = 1
    maps = [region_share(np.float32(one), "AU25", 96)[0] for one in (mouth, even, forehead, none)]
    assert maps[0] > 0.95
    assert maps[1] == pytest.approx(region_area("AU25", 96), abs=1e-6)
    assert maps[2] == 0
    assert np.isnan(maps[3])
    signed = mouth.copy()
    signed[0, 0] = -100  # what speaks against is no heat
    assert region_share(signed, "AU25", 96)[0] > 0.95


def test_the_outline_is_drawn_on_a_copy_at_the_edge_of_the_region() -> None:
    face = np.full((224, 224, 3), 128, np.uint8)
    drawing = outlined(face, "AU12")
    assert (face == 128).all()
    changed = (drawing != 128).any(axis=2)
    mask = region_mask("AU12", 224, 224)
    assert changed.sum() > 300
    assert not changed[112, 112]
    inner = np.zeros_like(mask)
    inner[5:-5, 5:-5] = np.min([mask[5 + y : 219 + y, 5 + x : 219 + x] for y in (-5, 5) for x in (-5, 5)], axis=0)
    assert not (changed & inner).any()


def test_movements_of_the_head_have_no_region() -> None:
    with pytest.raises(KeyError):
        region_mask("AU51", 8, 8)
