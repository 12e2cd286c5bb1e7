"""More asked for, more seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from mien.evaluate.edits.made import LEVELS
from mien.evaluate.edits.monotone import monotone, rank_correlation
from mien.labels import SEVEN


def test_a_perfect_generator_climbs_and_one_that_does_nothing_stays(made) -> None:
    found = monotone(made(), SEVEN)
    assert found["mean"] == found["by_face"] == pytest.approx(1)
    assert "neutral" not in found["by_emotion"]
    curve = found["curve"]["fear"]
    assert len(curve) == len(found["levels"]) == 11
    assert (np.diff(curve) > 0).all()
    still = monotone(made(skill=0), SEVEN)
    assert still["mean"] == still["by_face"] == 0


def test_it_is_spearmans_over_all_pairs_and_within_each_face(made) -> None:
    rng = np.random.default_rng(0)
    m = made()
    ladder = rng.random(m.ladder.shape) + np.linspace(0, 1, 11) + 3 * rng.random((20, 1, 1))
    found = monotone(replace(m, ladder=ladder), SEVEN)
    values = ladder[:, 2, 1:]
    expected = spearmanr(np.tile(LEVELS, 20), values.ravel()).statistic
    assert found["by_emotion"]["fear"]["spearman"] == pytest.approx(expected)
    within = np.mean([spearmanr(LEVELS, row).statistic for row in values])
    assert found["by_emotion"]["fear"]["by_face"] == pytest.approx(within)
    assert within > expected + 0.1  # faces that start from different heights blur the pairs, not the faces
    low, high = found["by_emotion"]["fear"]["ci95"]
    assert low < expected < high
    assert found["mean"] == pytest.approx(np.mean([row["spearman"] for row in found["by_emotion"].values()]))


def test_one_that_climbs_down_is_negative() -> None:
    rows = np.array([[3.0, 2, 1], [1, 2, 3], [2, 2, 2], [1, 1, 5]])
    assert rank_correlation(rows).tolist() == pytest.approx([-1, 1, 0, spearmanr([0, 1, 2], [1, 1, 5]).statistic])
