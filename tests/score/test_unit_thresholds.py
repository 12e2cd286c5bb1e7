"""Thresholds of the best F1 against trying every one with scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mien.score.multilabel import per_unit
from mien.score.unit_thresholds import UNFITTED, best_threshold, best_thresholds


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("steps", [5, 1000])
def test_no_other_score_does_better_and_ties_go_to_the_higher(seed: int, share: float, steps: int) -> None:
    random = np.random.default_rng([seed, round(100 * share), steps])
    shown = random.random(120) < share
    shown[0] = True
    scores = np.round(np.clip(0.4 * shown + random.normal(0.3, 0.2, 120), 0, 1) * steps) / steps
    tried = {t: f1_score(shown, scores >= t) for t in np.unique(scores)}
    best = max(tried.values())
    assert best_threshold(shown, scores) == max(t for t, f1 in tried.items() if f1 == pytest.approx(best, abs=1e-12))


def test_the_threshold_is_one_that_per_unit_can_use() -> None:
    random = np.random.default_rng(3)
    targets = (random.random((200, 3)) < 0.2).astype(float)
    scores = (1 / (1 + np.exp(-random.normal(2 * targets - 3, 1)))).astype(np.float32)
    fitted = best_thresholds(targets, scores)
    at = per_unit(targets, scores, fitted).f1
    for u in range(3):
        assert at[u] == pytest.approx(
            max(100 * f1_score(targets[:, u], scores[:, u] >= t) for t in np.unique(scores[:, u])), abs=1e-9
        )
    assert (at > per_unit(targets, scores).f1).all()


def test_a_unit_that_nobody_shows_keeps_its_half_and_unlabelled_rows_say_nothing() -> None:
    targets = np.array([[0, 1, np.nan], [0, 0, np.nan], [np.nan, np.nan, np.nan]])
    scores = np.array([[0.9, 0.2, 0.1], [0.1, 0.1, 0.1], [0.99, 0.99, np.nan]])
    assert best_thresholds(targets, scores).tolist() == [UNFITTED, 0.2, UNFITTED]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="expected bool"):
        best_threshold(np.zeros(2), np.zeros(2))
    with pytest.raises(ValueError, match="numbers twice"):
        best_threshold(np.ones(2, bool), np.array([0.1, np.nan]))
    with pytest.raises(ValueError, match=r"\(n, u\) twice"):
        best_thresholds(np.zeros((2, 3)), np.zeros((2, 2)))
