"""Draws by class and by quadrant."""

from __future__ import annotations

import numpy as np

from mien.datasets.subset import quadrants, subset_by_class, subset_by_quadrant


def test_at_most_so_many_of_each_class() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat([-1, 0, 3, 7], [50, 40, 30, 5]))
    rows = subset_by_class(labels, 10, seed=1)
    assert (np.diff(rows) > 0).all()  # ascending, none twice
    assert np.bincount(labels[rows], minlength=8).tolist() == [10, 0, 0, 10, 0, 0, 0, 5]
    assert (labels[subset_by_class(labels, 10, 1, unlabelled=True)] == -1).sum() == 10
    assert subset_by_class(labels, 0, 1).tolist() == []
    assert subset_by_class(np.full(3, -1), 5, 1).tolist() == []


def test_another_seed_draws_anew_and_every_row_has_its_turn() -> None:
    labels = np.repeat([0, 1], [20, 200])
    draws = [subset_by_class(labels, 20, seed) for seed in range(60)]
    assert draws[0].tolist() == subset_by_class(labels, 20, 0).tolist()
    assert draws[0].tolist() != draws[1].tolist()
    times = np.bincount(np.concatenate(draws), minlength=220)
    assert (times[:20] == 60).all()  # the small class stays whole
    assert (times[20:] > 0).all()
    assert times[20:].mean() == 6


def test_quadrants_as_esr_counts_them() -> None:
    nan = np.nan
    valence = np.array([0.5, 0.0, -0.1, -1.0, 1.0, -2.0, nan, 0.5, 0.5], np.float32)
    arousal = np.array([0.5, 0.0, 0.0, -1.0, -0.1, -2.0, 0.5, nan, -2.0], np.float32)
    assert quadrants(valence, arousal).tolist() == [0, 0, 1, 2, 3, -1, -1, -1, -1]


def test_at_most_so_many_of_each_quadrant() -> None:
    rng = np.random.default_rng(0)
    valence, arousal = rng.uniform(-1, 1, (2, 400)).astype(np.float32)
    valence[:50], arousal[50:60] = np.nan, -2
    valence[np.flatnonzero(quadrants(valence, arousal) == 2)[4:]] = np.nan
    rows = subset_by_quadrant(valence, arousal, 20, seed=3)
    assert np.bincount(quadrants(valence[rows], arousal[rows]), minlength=4).tolist() == [20, 20, 4, 20]
    assert rows.tolist() != subset_by_quadrant(valence, arousal, 20, seed=4).tolist()
