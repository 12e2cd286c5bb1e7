from __future__ import annotations

import numpy as np
import pytest
from tests.datasets.synthetic.conftest import PEOPLE, DrawUnits, showing

from mien.datasets.synthetic.expression import DRAWN_UNITS, Expression
from mien.datasets.synthetic.picture import draw

# rows of a 48-pixel picture in which a unit's change has its middle
BROWS, EYES, NOSE, MOUTH = (5, 19), (15, 25), (14, 37), (28, 44)
WHERE = {
    "AU01": BROWS, "AU02": BROWS, "AU04": BROWS, "AU05": EYES, "AU06": (17, 28), "AU07": EYES, "AU43": EYES,
    "AU09": NOSE, "AU10": MOUTH, "AU12": MOUTH, "AU14": MOUTH, "AU15": MOUTH, "AU16": MOUTH, "AU17": MOUTH,
    "AU20": MOUTH, "AU23": MOUTH, "AU25": MOUTH, "AU26": MOUTH,
}  # fmt: skip


@pytest.mark.parametrize("unit", DRAWN_UNITS)
def test_a_unit_changes_its_own_part_of_the_face(unit: str, draw_units: DrawUnits) -> None:
    change = np.abs(draw_units(**{unit: 1.0}).astype(int) - draw_units().astype(int))
    assert (change.sum(axis=(1, 2)) > 250).all(), "to be seen on every face"
    assert (change > 12).sum(axis=(1, 2)).min() >= 4
    middle = (change.sum(axis=2) * np.arange(48)).sum(axis=1) / change.sum(axis=(1, 2))
    low, high = WHERE[unit]
    assert low <= middle.mean() <= high


def test_a_stronger_unit_changes_more(draw_units: DrawUnits) -> None:
    rest = draw_units().astype(int)
    for unit in ("AU04", "AU05", "AU12", "AU26"):
        half, full = (np.abs(draw_units(**{unit: x}) - rest).sum() for x in (0.5, 1.0))
        assert full > 1.3 * half


def test_contempt_is_drawn_on_one_side(draw_units: DrawUnits) -> None:
    both = showing(AU12=0.7, AU14=1.0)
    change = np.abs(
        draw_units(Expression(both.units, both.left, 0 * both.right)).astype(int) - draw_units().astype(int)
    )
    assert change[:, :, :24].sum() > 2.5 * change[:, :, 24:].sum()


def test_faces_do_not_depend_on_those_drawn_beside_them() -> None:
    rows = np.arange(PEOPLE, dtype=np.int64)
    shows = showing(AU12=1.0)
    options = {"difficulty": 1.0, "identities": 1000, "colour": "grey"}
    together = draw(0, rows, shows, size=48, **options)
    for k in (0, 5, 11):
        alone = draw(0, rows[k : k + 1], shows.part(slice(k, k + 1)), size=48, **options)
        np.testing.assert_array_equal(alone[0], together[k])


@pytest.mark.parametrize("size", [16, 48, 96])
def test_sizes_show_the_same_faces(size: int) -> None:
    rows = np.arange(PEOPLE, dtype=np.int64)
    options = {"difficulty": 0.0, "identities": 1000, "colour": "grey"}
    small, large = (draw(0, rows, showing(), size=s, **options).astype(float) for s in (size, 192))
    k = 192 // size
    shrunk = large.reshape(PEOPLE, size, k, size, k).mean(axis=(2, 4))
    assert small.shape == shrunk.shape
    correlation = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(small, shrunk, strict=True)]
    assert min(correlation) > 0.9
