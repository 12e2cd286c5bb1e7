from __future__ import annotations

import numpy as np
from tests.datasets.synthetic.conftest import PEOPLE, showing

from mien.datasets.synthetic.expression import Expression
from mien.datasets.synthetic.identity import people
from mien.datasets.synthetic.mouth import Lips, lips

WHO = people(0, np.arange(PEOPLE))
REST = lips(WHO, showing())


def moved(**units: float) -> Lips:
    return lips(WHO, showing(**units))


def test_corners_go_up_out_and_down() -> None:
    smile, frown, stretch = moved(AU12=1), moved(AU15=1), moved(AU20=1)
    for side in (0, 1):
        assert (smile.corner[side] < REST.corner[side] - 0.1).all()
        assert (smile.width[side] > REST.width[side]).all()
        assert (frown.corner[side] > REST.corner[side] + 0.1).all()
        assert (stretch.width[side] > REST.width[side] + 0.05).all()


def test_lips_part_and_jaw_drops() -> None:
    assert not REST.gap_up.any()
    assert not REST.gap_down.any()
    assert (moved(AU26=1).gap_down > moved(AU25=1).gap_down).all()
    assert (moved(AU25=1).gap_down > 0).all()
    assert (moved(AU10=1).gap_up > 0).all()
    assert (moved(AU16=1).gap_down > 0).all()


def test_tight_lips_are_thin_and_the_chin_pushes_up() -> None:
    assert (moved(AU23=1).upper < 0.5 * REST.upper).all()
    assert (moved(AU17=1).middle < REST.middle).all()


def test_one_side_alone() -> None:
    both = showing(AU12=1, AU14=1)
    left_only = Expression(both.units, both.left, 0 * both.right)
    shape = lips(WHO, left_only)
    np.testing.assert_array_equal(shape.corner[1], REST.corner[1])
    assert (shape.corner[0] < REST.corner[0] - 0.1).all()
