"""Confusion of units against scikit-learn and against the paper's rule in sets, face by face."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import multilabel_confusion_matrix

from mien.score.multilabel_confusion import between_units, unit_confusions


def faces(seed: int, unknown: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    targets = (random.random((150, 5)) < [0.5, 0.3, 0.05, 0.2, 0.0]).astype(float)
    said = random.random((150, 5)) < 0.15 + 0.5 * targets
    targets[random.random(targets.shape) < unknown] = np.nan
    return targets, said


@pytest.mark.parametrize("seed", range(3))
def test_each_unit_is_as_sklearn_has_it(seed: int) -> None:
    targets, said = faces(seed)
    np.testing.assert_array_equal(unit_confusions(targets, said), multilabel_confusion_matrix(targets, said))
    targets, said = faces(seed, unknown=0.4)
    for u, found in enumerate(unit_confusions(targets, said)):
        known = ~np.isnan(targets[:, u])
        theirs = multilabel_confusion_matrix(targets[known, u][:, None], said[known, u][:, None])[-1]
        np.testing.assert_array_equal(found, theirs)


def by_sets(targets: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Heydarian et al. 2022, with sets of the units that have a label."""
    u = targets.shape[1]
    out = np.zeros((u + 1, u + 1), int)
    for true, named in zip(targets, said, strict=True):
        known = {i for i in range(u) if not np.isnan(true[i])}
        if not known:
            continue
        shown, predicted = {i for i in known if true[i] == 1}, {i for i in known if named[i]}
        if not shown | predicted:
            out[u, u] += 1
        for i in shown & predicted:
            out[i, i] += 1
        missed, extra = shown - predicted, predicted - shown
        if missed and not extra:
            for i in missed:
                out[i, u] += 1
        elif missed:
            for i in missed:
                for j in extra:
                    out[i, j] += 1
        elif extra and shown:
            for i in shown:
                for j in extra:
                    out[i, j] += 1
        elif extra:
            for j in extra:
                out[u, j] += 1
    return out


@pytest.mark.parametrize("unknown", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("seed", range(4))
def test_between_units_is_the_papers_rule(seed: int, unknown: float) -> None:
    targets, said = faces(seed, unknown)
    np.testing.assert_array_equal(between_units(targets, said), by_sets(targets, said))


def test_a_face_that_shows_one_and_is_said_to_show_another() -> None:
    table = between_units(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]), np.array([[0, 1], [0, 0], [0, 1]], bool))
    assert table.tolist() == [[0, 1, 1], [0, 0, 0], [0, 1, 0]]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="bool"):
        unit_confusions(np.zeros((2, 2)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="0, 1 or NaN"):
        between_units(np.full((2, 2), 2.0), np.zeros((2, 2), bool))
