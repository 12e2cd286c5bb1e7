from __future__ import annotations

from dataclasses import fields

import numpy as np

from mien.datasets.synthetic.identity import people


def test_a_person_stays_the_same_and_others_differ() -> None:
    crowd, again = people(0, np.arange(50)), people(0, np.array([7, 7, 31]))
    for field in fields(crowd):
        values, twice = getattr(crowd, field.name), getattr(again, field.name)
        np.testing.assert_array_equal(twice, values[[7, 7, 31]])
    assert len(np.unique(crowd.width)) > 45
    assert crowd.glasses.any()
    assert not crowd.glasses.all()


def test_colours_are_colours() -> None:
    crowd = people(1, np.arange(500))
    for colour in (crowd.skin, crowd.hair, crowd.lip, crowd.iris):
        assert colour.shape == (500, 3)
        assert colour.dtype == np.float32
        assert colour.min() >= 0
        assert colour.max() <= 1
    assert np.ptp(crowd.skin.mean(axis=1)) > 0.4, "skin from dark to light"
