"""ROC and precision-recall curves and their areas against scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mien.score.ranking import (
    average_precision,
    one_against_rest,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)


def test_areas_are_sklearns_and_not_defined_for_classes_that_are_absent_or_alone(drawn) -> None:
    targets, probabilities = drawn
    ours = one_against_rest(targets, probabilities)
    assert (ours.n == np.bincount(targets, minlength=7)).all()
    aucs, precisions = [], []
    for c in range(7):
        positive = targets == c
        if positive.all() or not positive.any():
            assert np.isnan([ours.roc_auc[c], ours.average_precision[c]]).all()
            continue
        aucs.append(metrics.roc_auc_score(positive, probabilities[:, c]))
        precisions.append(metrics.average_precision_score(positive, probabilities[:, c]))
        assert ours.roc_auc[c] == pytest.approx(aucs[-1], rel=0, abs=1e-9)
        assert ours.average_precision[c] == pytest.approx(precisions[-1], rel=0, abs=1e-9)
    means = (np.mean(aucs), np.mean(precisions)) if aucs else (np.nan, np.nan)
    found = (ours.macro_roc_auc, ours.macro_average_precision)
    assert found == pytest.approx(means, rel=0, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("levels", [3, 20, 10**9])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_curves_are_sklearns_also_with_ties_and_shifted_scores(levels: int, shift: float) -> None:
    random = np.random.default_rng(levels)
    positive = random.random(300) < 0.15
    scores = np.round((random.normal(size=300) + positive) * levels) / levels + shift
    roc = roc_curve(positive, scores)
    false, true, threshold = metrics.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(roc.false_positive, false, rtol=0, atol=1e-9)
    np.testing.assert_allclose(roc.true_positive, true, rtol=0, atol=1e-9)
    assert (roc.threshold == threshold).all()
    pr = precision_recall_curve(positive, scores)
    precision, recall, threshold = metrics.precision_recall_curve(positive, scores)  # in rising order of threshold
    np.testing.assert_allclose(pr.precision, precision[::-1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(pr.recall, recall[::-1], rtol=0, atol=1e-9)
    assert (pr.threshold[1:] == threshold[::-1]).all()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=25))
def test_the_area_is_the_chance_that_a_row_of_the_class_comes_first(rows: list[tuple[bool, int]]) -> None:
    positive, scores = np.array([p for p, _ in rows]), np.array([s for _, s in rows], float)
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[positive] for b in scores[~positive]]
    expected = np.mean(pairs) if pairs else np.nan
    assert roc_auc(positive, scores) == pytest.approx(expected, rel=0, abs=1e-12, nan_ok=True)


def test_by_hand() -> None:
    positive, scores = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.8, 0.1])
    curve = precision_recall_curve(positive, scores)
    assert curve.precision.tolist() == [1, 1, 2 / 3, 0.5]
    assert curve.recall.tolist() == [0, 0.5, 1, 1]
    assert average_precision(positive, scores) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert roc_auc(positive, scores) == pytest.approx(7 / 8)


def test_rows_of_one_kind_have_half_a_curve_and_no_area() -> None:
    scores = np.array([0.2, 0.7])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        none, every = np.zeros(2, bool), np.ones(2, bool)
        assert np.isnan(roc_curve(none, scores).true_positive).all()
        assert roc_curve(none, scores).false_positive.tolist() == [0, 0.5, 1]
        assert np.isnan(precision_recall_curve(none, scores).recall).all()
        for kind in (none, every):
            assert np.isnan([roc_auc(kind, scores), average_precision(kind, scores)]).all()


def test_nonsense_is_refused() -> None:
    for positive, scores in (
        (np.array([True]), np.array([0.1, 0.2])),
        (np.array([True, False]), np.array([0.1, np.nan])),
        (np.array([1, 0]), np.array([0.1, 0.2])),
        (np.zeros(0, bool), np.zeros(0)),
    ):
        with pytest.raises(ValueError):
            roc_curve(positive, scores)
    with pytest.raises(ValueError, match=r"expected \(n, k\)"):
        one_against_rest(np.array([0, 1]), np.ones((3, 2)))
