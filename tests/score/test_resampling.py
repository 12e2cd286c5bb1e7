"""Resamples by sums against resamples by rows."""

from __future__ import annotations

import numpy as np
import pytest

from mien.score.intervals import bootstrap
from mien.score.resampling import interval, resampled_sums


def test_every_resample_has_as_many_rows_and_each_row_is_drawn_alike() -> None:
    sums = resampled_sums(np.eye(7), resamples=4000, seed=1)
    assert (sums.sum(axis=1) == 7).all()
    assert np.abs(sums.mean(axis=0) - 1).max() < 0.06
    assert sums.std() == pytest.approx(np.sqrt(6 / 7), abs=0.03)  # of a binomial with 7 draws of a chance of 1/7


def test_the_interval_is_that_of_drawing_rows() -> None:
    values = np.random.default_rng(0).exponential(size=400)
    sums = resampled_sums(np.stack([values, np.ones(400)], axis=1), resamples=6000)
    by_rows = bootstrap(lambda drawn: drawn.mean(axis=1), values, resamples=6000, seed=5)
    assert interval(sums[:, 0] / sums[:, 1]) == pytest.approx(by_rows, abs=0.015)


def test_clusters_come_whole() -> None:
    rows = np.array([1.0, 10.0, 100.0, 1000.0])
    sums = resampled_sums(rows, np.array(["a", "b", "a", "b"]), resamples=300)
    assert set(sums.tolist()) == {202.0, 1111.0, 2020.0}


def test_people_make_an_interval_wider_than_faces_do() -> None:
    random = np.random.default_rng(0)
    of = np.repeat(np.arange(20), 50)
    values = random.normal(size=20)[of] + 0.1 * random.normal(size=1000)
    faces, people = (interval(resampled_sums(values, c)) for c in (None, of))
    assert people[1] - people[0] > 4 * (faces[1] - faces[0])


def test_shapes_are_kept_and_seeds_repeat() -> None:
    rows = np.random.default_rng(0).random((11, 3, 4))
    first = resampled_sums(rows, resamples=9, seed=2)
    assert first.shape == (9, 3, 4)
    np.testing.assert_array_equal(first, resampled_sums(rows, resamples=9, seed=2))


def test_what_is_defined_on_no_draw_has_no_interval() -> None:
    assert np.isnan(interval(np.full(5, np.nan))).all()
    assert interval(np.array([np.nan, 1.0, 1.0])) == (1, 1)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="one cluster"):
        resampled_sums(np.ones(3), np.array(["a"] * 3))
    with pytest.raises(ValueError, match="2 clusters' names for 3"):
        resampled_sums(np.ones(3), np.array(["a", "b"]))
    with pytest.raises(ValueError, match="0 rows"):
        resampled_sums(np.ones((0, 2)))
