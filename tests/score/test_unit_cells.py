from __future__ import annotations

import numpy as np

from mien.score.multilabel import per_unit
from mien.score.multilabel_confusion import unit_confusions
from mien.score.unit_cells import FALSE_ALARM, HIT, LEFT, MISSED, accuracy_of, cells, f1_of


def test_sums_of_cells_score_as_rows_do() -> None:
    random = np.random.default_rng(1)
    targets = (random.random((90, 4)) < [0.4, 0.05, 0, 0.3]).astype(float)
    targets[random.random(targets.shape) < 0.3] = np.nan
    targets[:, 3] = np.nan
    scores = random.random(targets.shape)
    expected = per_unit(targets, scores)
    sums = cells(targets, scores >= 0.5).sum(axis=0)
    np.testing.assert_allclose(f1_of(sums), expected.f1)
    np.testing.assert_allclose(accuracy_of(sums), expected.accuracy)
    table = unit_confusions(targets, scores >= 0.5)
    for column, (true, said) in {HIT: (1, 1), FALSE_ALARM: (0, 1), MISSED: (1, 0), LEFT: (0, 0)}.items():
        np.testing.assert_array_equal(sums[:, column], table[:, true, said])
