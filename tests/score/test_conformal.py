"""Coverage in simulation, and quantiles against their definition."""

from __future__ import annotations

import numpy as np
import pytest

from mien.score.conformal import (
    adaptive_scores,
    class_quantiles,
    of_true,
    quantile,
    set_quality,
    sets,
    threshold_quantile,
    threshold_scores,
)


def world(n: int, seed: int, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from Dirichlet probabilities, and overconfident versions of these, which conformal does not mind."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.linspace(0.3, 1.5, k), n)
    targets = (random.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, k - 1)
    wrong = p**2 + 1e-9
    return targets, wrong / wrong.sum(axis=1, keepdims=True)


def test_the_quantile_is_the_finite_samples() -> None:
    scores = np.arange(1, 100) / 100  # 99 of them: the 90th is the 0.9 quantile
    assert quantile(np.random.default_rng(0).permutation(scores), 0.9) == 0.9
    assert quantile(scores[:9], 0.9) == 0.09
    assert quantile(scores[:8], 0.9) == np.inf
    expected = np.quantile(scores, np.ceil(100 * 0.8) / 99, method="higher")
    assert quantile(scores, 0.8) in (expected, scores[79])


@pytest.mark.parametrize("kind", ["threshold", "adaptive", "adaptive randomised"])
def test_sets_cover_what_was_asked_for(kind: str) -> None:
    random = np.random.default_rng(1)

    def scores(p: np.ndarray) -> np.ndarray:
        if kind == "threshold":
            return threshold_scores(p)
        return adaptive_scores(p, random if "randomised" in kind else None)

    covered = []
    for seed in range(40):
        targets, p = world(1000, seed)
        q = quantile(of_true(scores(p[:300]), targets[:300]), 0.9)
        covered.append(set_quality(targets[300:], sets(scores(p[300:]), q, never_empty=False)).coverage)
    # 300 calibration faces: a run's coverage has a deviation of 1.7, the mean of forty of 0.3
    assert np.mean(covered) == pytest.approx(90.2, abs=1.2)
    assert np.std(covered) > 0.5


def test_threshold_sets_are_the_smaller_and_adaptive_ones_the_fairer() -> None:
    targets, p = world(6000, 3)
    quality = {}
    for name, scores in (("threshold", threshold_scores(p)), ("adaptive", adaptive_scores(p))):
        q = quantile(of_true(scores[:3000], targets[:3000]), 0.9)
        quality[name] = set_quality(targets[3000:], sets(scores[3000:], q))
    assert quality["threshold"].mean_size < quality["adaptive"].mean_size
    assert np.ptp(quality["threshold"].by_class) > np.ptp(quality["adaptive"].by_class)


def test_class_by_class_each_class_is_covered() -> None:
    targets, p = world(8000, 4)
    scores = threshold_scores(p)
    one = quantile(of_true(scores[:4000], targets[:4000]), 0.9)
    each = class_quantiles(of_true(scores[:4000], targets[:4000]), targets[:4000], 5, 0.9)
    plain = set_quality(targets[4000:], sets(scores[4000:], one)).by_class
    fair = set_quality(targets[4000:], sets(scores[4000:], each)).by_class
    assert plain.min() < 85  # the rare class pays
    assert fair.min() > 85
    lone = class_quantiles(np.array([0.1, 0.2]), np.array([0, 0]), 3, 0.5)
    assert lone.tolist() == [0.2, np.inf, np.inf]


def test_adaptive_scores_by_hand() -> None:
    p = np.array([[0.2, 0.5, 0.3]])
    np.testing.assert_allclose(adaptive_scores(p), [[1.0, 0.5, 0.8]])
    drawn = adaptive_scores(p, np.random.default_rng(0))
    share = (1.0 - drawn[0, 0]) / 0.2
    np.testing.assert_allclose(drawn, [[1.0, 0.5, 0.8]] - share * p)


def test_quality_by_hand() -> None:
    inside = np.array([[True, False, False], [True, True, False], [False, False, False], [False, True, True]])
    found = set_quality(np.array([0, 1, 1, 0]), inside)
    assert (found.n, found.coverage, found.mean_size, found.single, found.empty) == (4, 50, 5 / 4, 25, 25)
    np.testing.assert_array_equal(found.by_class, [50, 50, np.nan])
    best = sets(np.array([[0.9, 0.8, 0.9]]), 0.1)
    assert best.tolist() == [[False, True, False]]
    assert not sets(np.array([[0.9, 0.8, 0.9]]), 0.1, never_empty=False).any()


def test_too_few_faces_promise_nothing_but_all_classes() -> None:
    targets, p = world(5, 0)
    assert threshold_quantile(targets, p, 0.9) == 1.0


@pytest.mark.parametrize(
    ("scores", "coverage"), [([], 0.9), ([np.nan], 0.9), ([[0.1]], 0.9), ([0.1], 0.0), ([0.1], 1.0)]
)
def test_bad_input_is_refused(scores: list[float], coverage: float) -> None:
    with pytest.raises(ValueError, match=r"scores|coverage"):
        quantile(np.array(scores), coverage)
