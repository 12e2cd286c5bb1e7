"""Units there or not against scikit-learn, unit by unit over the rows that have a label."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from mien.score.multilabel import per_unit

KINDS = ("plain", "shifted", "imbalanced", "absent", "unlabelled")


@pytest.fixture(params=[(kind, seed) for kind in KINDS for seed in range(3)], ids=lambda p: f"{p[0]}-{p[1]}")
def units(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray, float]:
    """(300, 6) targets, (300, 6) scores, and their threshold."""
    kind, seed = request.param
    random = np.random.default_rng([seed, KINDS.index(kind)])
    share = np.array([0.4, 0.3, 0.5, 0.2, 0.1, 0.6])
    if kind == "imbalanced":
        share = np.array([0.01, 0.02, 0.03, 0.97, 0.99, 0.5])
    if kind == "absent":
        share[[0, 3]] = 0, 1
    targets = (random.random((300, 6)) < share).astype(float)
    scores = 1 / (1 + np.exp(-random.normal(2 * targets - 1, 1.5)))
    if kind == "absent":
        scores[:, 1] = 0.1  # shown and never predicted
    if kind == "unlabelled":
        targets[random.random((300, 6)) < 0.4] = np.nan
        targets[:, 2] = np.nan
        scores[np.isnan(targets)] = np.nan
    return (targets, scores + 1e6, 1e6 + 0.5) if kind == "shifted" else (targets, scores, 0.5)


def test_each_unit_is_as_sklearn_has_it(units) -> None:
    targets, scores, threshold = units
    ours = per_unit(targets, scores, threshold)
    for u in range(6):
        known = ~np.isnan(targets[:, u])
        true, given = targets[known, u] == 1, scores[known, u]
        said = given >= threshold
        assert (ours.n[u], ours.positive[u]) == (known.sum(), true.sum())
        if not known.any():
            assert np.isnan([ours.accuracy[u], ours.f1[u], ours.precision[u], ours.roc_auc[u]]).all()
            continue
        expected = {"accuracy": 100 * metrics.accuracy_score(true, said)}
        if true.any():
            precision, recall, f1, _ = metrics.precision_recall_fscore_support(
                true, said, average="binary", zero_division=0
            )
            expected |= {"precision": 100 * precision, "recall": 100 * recall, "f1": 100 * f1}
        else:
            assert np.isnan([ours.recall[u], ours.f1[u]]).all()
        if true.any() and not true.all():
            expected["roc_auc"] = metrics.roc_auc_score(true, given)
            expected["average_precision"] = metrics.average_precision_score(true, given)
        else:
            assert np.isnan([ours.roc_auc[u], ours.average_precision[u]]).all()
        for name, value in expected.items():
            assert getattr(ours, name)[u] == pytest.approx(value, rel=0, abs=1e-9), name


def test_the_mean_leaves_out_units_that_no_row_shows() -> None:
    targets = np.array([[1, 0, np.nan], [0, 0, np.nan], [1, 0, np.nan]])
    ours = per_unit(targets, np.array([[0.9, 0.1, 0.5], [0.8, 0.1, 0.5], [0.2, 0.9, 0.5]]))
    assert ours.f1[0] == pytest.approx(50)
    assert ours.macro("f1") == pytest.approx(50)
    assert ours.precision[1] == 0  # predicted once, never shown
    assert ours.macro("accuracy") == pytest.approx((100 / 3 + 200 / 3) / 2)
    assert np.isnan(per_unit(targets[:, 2:], np.zeros((3, 1))).macro("f1"))


def test_each_unit_may_have_its_own_threshold() -> None:
    targets, scores = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[0.4, 0.4], [0.3, 0.3]])
    assert per_unit(targets, scores, np.array([0.35, 0.5])).recall.tolist() == [100, 0]
    assert per_unit(targets, scores, 0.4).recall.tolist() == [100, 100]  # the threshold itself is in


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        per_unit(np.zeros((2, 3)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="expected 0, 1 or NaN"):
        per_unit(np.full((1, 1), 3.0), np.zeros((1, 1)))
    with pytest.raises(ValueError, match="NaN in a row"):
        per_unit(np.zeros((1, 1)), np.full((1, 1), np.nan))
