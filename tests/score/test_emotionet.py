from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from mien.score.emotionet import challenge_score
from mien.score.multilabel import per_unit


def test_it_is_the_mean_of_mean_accuracy_and_mean_f1() -> None:
    random = np.random.default_rng(0)
    targets = (random.random((300, 4)) < [0.3, 0.01, 0.1, 0.0]).astype(float)
    scores = np.clip(0.5 * targets + random.random((300, 4)) * 0.7, 0, 1)
    said = scores >= 0.5
    accuracy = np.mean([accuracy_score(targets[:, u], said[:, u]) for u in range(4)])
    f1 = np.mean([f1_score(targets[:, u], said[:, u]) for u in range(3)])  # nobody shows the fourth: no F1
    assert challenge_score(per_unit(targets, scores)) == pytest.approx(100 * (accuracy + f1) / 2)
