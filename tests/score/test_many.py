"""Corrections for many tests, against values worked out by hand and against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import false_discovery_control

from mien.score.many import benjamini_hochberg, holm


def test_holm_by_hand() -> None:
    # sorted 0.005 0.01 0.03 0.04, times 4 3 2 1: 0.02 0.03 0.06 0.04, none below one before it
    assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert_allclose(holm([0.5, 0.6]), [1, 1])
    assert_allclose(holm([0.2]), [0.2])


def test_benjamini_hochberg_against_scipy_and_by_hand() -> None:
    assert_allclose(benjamini_hochberg([0.01, 0.04, 0.03, 0.005]), [0.02, 0.04, 0.04, 0.02])
    p = np.random.default_rng(0).random(50) ** 3
    assert_allclose(benjamini_hochberg(p), false_discovery_control(p))


def test_holm_finds_what_the_step_down_procedure_finds() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        p = random.random(12) ** 4
        found = np.zeros(12, bool)
        for step, test in enumerate(np.argsort(p)):
            if p[test] > 0.05 / (12 - step):
                break
            found[test] = True
        assert ((holm(p) <= 0.05) == found).all()


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
def test_no_tests_are_fine_and_no_p_values_are_not(correct) -> None:
    assert len(correct([])) == 0
    for wrong in ([0.1, 1.2], [-0.1], [float("nan")], [[0.1]]):
        with pytest.raises(ValueError, match="p values"):
            correct(wrong)
