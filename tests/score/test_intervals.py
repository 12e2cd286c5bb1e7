"""Bootstrap and Wilson intervals."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.stats import binomtest

from mien.score.accuracy import hits
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.intervals import bootstrap, bootstrap_confusion, bootstrap_share, wilson


def share(right):
    return 100 * right.mean(axis=1)


def test_it_is_seeded_and_holds_the_score(drawn) -> None:
    right = hits(*drawn)
    low, high = bootstrap(share, right, seed=3)
    assert (low, high) == bootstrap(share, right, seed=3)
    assert low <= 100 * right.mean() <= high


def test_it_agrees_with_scipys_interval_of_a_share() -> None:
    right = np.arange(3589) < 0.7 * 3589
    expected = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    for interval in (bootstrap(share, right), wilson(int(right.sum()), len(right))):
        assert interval == pytest.approx((100 * expected.low, 100 * expected.high), abs=0.12)


def test_of_paired_columns_the_same_rows_are_drawn() -> None:
    random = np.random.default_rng(0)
    a = random.normal(size=200)
    assert bootstrap(lambda x, y: (x - y).mean(axis=1), a, a - 1) == pytest.approx((1, 1))


def test_drawing_cells_is_drawing_rows() -> None:
    random = np.random.default_rng(0)
    targets = random.choice(4, 600, p=[0.5, 0.3, 0.15, 0.05])
    predicted = np.where(random.random(600) < 0.7, targets, random.integers(0, 4, 600))

    def of_rows(true, said):
        return macro_f1(np.stack([confusion_matrix(t, s, 4) for t, s in zip(true, said, strict=True)]))

    by_cells = bootstrap_confusion(macro_f1, confusion_matrix(targets, predicted, 4))
    assert by_cells == pytest.approx(bootstrap(of_rows, targets, predicted), abs=0.6)


def test_two_thousand_resamples_of_a_test_split_take_well_under_a_second() -> None:
    right = np.random.default_rng(0).random(3589) < 0.7
    start = time.process_time()
    bootstrap(share, right)
    assert time.process_time() - start < 0.9


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (0, 50), (50, 50), (7, 55)])
def test_wilson_is_scipys(right: int, n: int) -> None:
    expected = binomtest(right, n).proportion_ci(method="wilson")
    assert wilson(right, n) == pytest.approx((100 * expected.low, 100 * expected.high), abs=1e-6)


def test_what_has_no_interval_is_refused() -> None:
    with pytest.raises(ValueError):
        bootstrap(share, np.zeros(0))
    with pytest.raises(ValueError, match="expected the same"):
        bootstrap(lambda a, b: a[:, 0], np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError):
        bootstrap(share, np.zeros(3), level=95)
    with pytest.raises(ValueError):
        bootstrap_confusion(macro_f1, np.zeros((2, 2)))
    with pytest.raises(ValueError):
        wilson(3, 2)


def test_the_interval_of_a_share_is_that_of_its_mean() -> None:
    right = np.arange(200) % 4 > 0
    expected = bootstrap(lambda sample: 100 * sample.mean(axis=1), right, seed=3)
    assert tuple(bootstrap_share(right, 3)) == expected
    assert expected[0] < 75 < expected[1]
