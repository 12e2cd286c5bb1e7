"""Paired tests: McNemar against binomtest and hand-worked values, the bootstrap against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.paired import interval_of, mcnemar, p_of, paired_bootstrap


def rights(both: int, first: int, second: int, none: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.repeat([True, True, False, False], [both, first, second, none])
    b = np.repeat([True, False, True, False], [both, first, second, none])
    return a, b


def test_few_rows_are_tested_exactly() -> None:
    found = mcnemar(*rights(40, 9, 2, 5))
    assert (found.only_first, found.only_second, found.test) == (9, 2, "exact")
    # 2 * (C(11,0) + C(11,1) + C(11,2)) / 2^11 = 2 * 67 / 2048
    assert found.p == pytest.approx(134 / 2048)
    assert mcnemar(*rights(3, 0, 0, 2)).p == 1
    assert mcnemar(*rights(0, 12, 12, 0)).test == "exact"


def test_many_rows_by_chi_square_with_continuity_correction() -> None:
    """Agresti 1990, table 10.1: approval of one person asked twice; uncorrected (150 - 86)^2 / 236 = 17.36."""
    found = mcnemar(*rights(794, 150, 86, 570))
    assert found.test == "chi-square"
    # (|150 - 86| - 1)^2 / 236 = 16.8178; chi-square(1) upper tail
    assert found.p == pytest.approx(4.115e-05, rel=1e-3)
    assert found.p == pytest.approx(binomtest(86, 236).pvalue, rel=0.15)
    assert mcnemar(*rights(1, 13, 13, 1)).p == 1
    a, b = rights(794, 150, 86, 570)
    assert mcnemar(b, a).p == found.p


def test_other_than_truth_values_are_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        mcnemar(np.ones(3, bool), np.ones(2, bool))
    with pytest.raises(ValueError, match="expected"):
        mcnemar(np.ones(3), np.ones(3, bool))  # type: ignore[arg-type]


def answers(n: int, models: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Models that are right now and then, and that err alike now and then; class 0 is frequent."""
    random = np.random.default_rng(seed)
    targets = np.minimum(random.geometric(0.4, n) - 1, classes - 1)
    common = random.integers(0, classes, n)
    share = np.where(random.random(n) < 0.5, 0.95, 0.3)  # half of the rows are easy for all
    said = []
    for _ in range(models):
        own = np.where(random.random(n) < 0.5, common, random.integers(0, classes, n))
        said.append(np.where(random.random(n) < share, targets, own))
    return targets, np.stack(said)


def test_the_bootstrap_agrees_with_a_plain_loop_over_rows() -> None:
    """Not the same draws, so the same in distribution: means and spreads of scores and of differences."""
    targets, said = answers(300, 3, 5)
    fast = paired_bootstrap(targets, said, 5, resamples=4000)
    random, top1, f1 = np.random.default_rng(7), [], []
    for _ in range(4000):
        rows = random.integers(0, 300, 300)
        top1.append([100 * (one[rows] == targets[rows]).mean() for one in said])
        f1.append([macro_f1(confusion_matrix(targets[rows], one[rows], 5)) for one in said])
    for drawn, plain in ((fast.top1, np.array(top1)), (fast.macro_f1, np.array(f1))):
        assert drawn.shape == (4000, 3)
        for a, b in ((drawn[:, 0], plain[:, 0]), (drawn[:, 0] - drawn[:, 2], plain[:, 0] - plain[:, 2])):
            assert a.mean() == pytest.approx(b.mean(), abs=0.3)
            assert a.std() == pytest.approx(b.std(), rel=0.06)
            assert interval_of(a) == pytest.approx(interval_of(b), abs=0.6)


def test_models_are_drawn_on_the_same_rows() -> None:
    targets, said = answers(200, 2, 4)
    drawn = paired_bootstrap(targets, np.stack([said[0], said[1], said[0]]), 4, resamples=300)
    assert (drawn.top1[:, 0] == drawn.top1[:, 2]).all()
    np.testing.assert_array_equal(drawn.macro_f1[:, 0], drawn.macro_f1[:, 2])
    alone = np.hypot(drawn.top1[:, 0].std(), drawn.top1[:, 1].std())
    assert (drawn.top1[:, 0] - drawn.top1[:, 1]).std() < 0.95 * alone  # they err alike, so pairing helps


def test_a_single_cell_gives_the_score_itself() -> None:
    targets = np.full(9, 2)
    drawn = paired_bootstrap(targets, np.stack([targets, targets - 1]), 4, resamples=5)
    assert (drawn.top1 == [100, 0]).all()
    assert (drawn.macro_f1 == [100, 0]).all()


def test_the_f1_of_a_draw_is_that_of_its_rows() -> None:
    """With every row its own cell and one draw, the draw's counts can be told from the top-1 of one-row models."""
    targets, said = answers(40, 2, 3, seed=3)
    markers = np.stack([np.where(np.arange(40) == i, targets, (targets + 1) % 3) for i in range(40)])
    drawn = paired_bootstrap(targets, np.vstack([said, markers]), 3, resamples=4)
    for draw in range(4):
        counts = np.rint(drawn.top1[draw, 2:] / 100 * 40).astype(int)
        assert counts.sum() == 40
        for model in range(2):
            present = np.unique(targets[counts > 0])
            expected = 100 * f1_score(
                targets, said[model], sample_weight=counts, labels=present, average="macro", zero_division=0
            )
            assert drawn.macro_f1[draw, model] == pytest.approx(expected)


def test_p_is_small_where_all_draws_lie_on_one_side() -> None:
    assert p_of(np.full(1999, 3.0)) == pytest.approx(2 / 2000)
    assert p_of(np.full(1999, -3.0)) == pytest.approx(2 / 2000)
    assert p_of(np.zeros(100)) == 1
    assert p_of(np.r_[-np.ones(49), np.ones(950)]) == pytest.approx(2 * 50 / 1000)


def test_what_does_not_fit_is_refused() -> None:
    targets, said = answers(10, 2, 3)
    for wrong in (said[:, :9], said[0], said[:0], said + 3):
        with pytest.raises(ValueError, match=r"answers|labels"):
            paired_bootstrap(targets, wrong, 3)
