from __future__ import annotations

import numpy as np
import pytest

from mien.runtime.prior import corrected, estimate_prior


def label_shift(n: int, shares: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(n,) classes with these shares, and their exact probabilities under a uniform prior: Gaussians at 0, 2, 4."""
    random = np.random.default_rng(seed)
    targets = random.choice(3, n, p=shares)
    x = random.normal(2.0 * targets)[:, None]
    density = np.exp(-((x - 2.0 * np.arange(3)) ** 2) / 2)
    return targets, density / density.sum(axis=1, keepdims=True)


UNIFORM = np.full(3, 1 / 3)
SHARES = np.array([0.7, 0.05, 0.25])


def test_correction_is_bayes_rule_with_another_prior() -> None:
    _, p = label_shift(50, UNIFORM)
    expected = p * SHARES / (p * SHARES).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(corrected(p, UNIFORM, SHARES), expected, atol=1e-12)
    np.testing.assert_allclose(corrected(expected, SHARES, UNIFORM), p, atol=1e-12)  # and back


def test_a_planted_prior_is_found_without_labels_and_gives_its_gain() -> None:
    targets, p = label_shift(4000, SHARES)
    found = estimate_prior(p, UNIFORM)
    assert found.converged
    assert found.n == 4000
    np.testing.assert_allclose(found.shares, SHARES, atol=0.03)
    plain, told, itself = (
        (q.argmax(axis=1) == targets).mean()
        for q in (p, corrected(p, UNIFORM, SHARES), corrected(p, UNIFORM, found.shares))
    )
    assert told - plain > 0.05
    assert itself - plain > 0.9 * (told - plain)


def test_no_shift_is_found_where_there_is_none() -> None:
    _, p = label_shift(4000, UNIFORM)
    np.testing.assert_allclose(estimate_prior(p, UNIFORM).shares, UNIFORM, atol=0.03)


def test_few_faces_stay_near_the_old_prior() -> None:
    sure = np.array([[1.0, 0.0, 0.0]])
    assert estimate_prior(sure, UNIFORM, strength=0).shares == pytest.approx([1, 0, 0], abs=1e-6)
    assert estimate_prior(sure, UNIFORM).shares == pytest.approx(np.array([1 + 10 / 3, 10 / 3, 10 / 3]) / 11, abs=1e-6)


def test_columns_of_nan_stay_and_rows_of_nan_do_not_count() -> None:
    _, p = label_shift(200, SHARES)
    wide = np.full((201, 4), np.nan)
    wide[:200, [0, 2, 3]] = p
    old = np.array([1 / 3, np.nan, 1 / 3, 1 / 3])
    found = estimate_prior(wide, old)
    assert found.n == 200
    assert np.isnan(found.shares[1])
    np.testing.assert_allclose(found.shares[[0, 2, 3]], estimate_prior(p, UNIFORM).shares)
    after = corrected(wide[:200], old, found.shares)
    assert np.isnan(after[:, 1]).all()
    np.testing.assert_allclose(np.nansum(after, axis=1), 1)


def test_a_class_that_cannot_occur_gets_nothing_and_a_row_sure_of_it_says_the_prior() -> None:
    p = np.array([[0.0, 0.0, 1.0], [0.2, 0.3, 0.5]])
    after = corrected(p, UNIFORM, np.array([0.25, 0.75, 0.0]))
    np.testing.assert_allclose(after[0], [0.25, 0.75, 0])
    np.testing.assert_allclose(after[1], np.array([0.2 * 0.25, 0.3 * 0.75, 0]) / (0.05 + 0.225))


def test_em_that_is_stopped_says_so() -> None:
    _, p = label_shift(500, SHARES)
    assert not estimate_prior(p, UNIFORM, iterations=2).converged


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ([0.5, 0.5, 0.0], [1, 1, 1], "above 0"),
        ([1, 1], [1, 1], "shapes"),
        ([1, 1, 1], [1, -1, 1], "at least 0"),
        ([1, 1, 1], [0, 0, 0], "not all"),
    ],
)
def test_bad_priors_are_refused(old: list[float], new: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        corrected(np.full((2, 3), 1 / 3), np.array(old), np.array(new))
    with pytest.raises(ValueError, match="no row"):
        estimate_prior(np.full((2, 3), np.nan), UNIFORM)
