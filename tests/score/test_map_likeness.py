"""Likeness of heat maps, against scipy and the paper's equation written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from mien.score.map_likeness import rank_correlation, ssim

RANDOM = np.random.default_rng(0)
A, B = RANDOM.normal(size=(2, 4, 14, 17))


def test_rank_correlation_is_spearmans_ties_and_all() -> None:
    tied = np.maximum(B, 0)
    expected = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(A, tied, strict=True)]
    np.testing.assert_allclose(rank_correlation(A, tied), expected, atol=1e-9)
    assert rank_correlation(A, np.exp(A)) == pytest.approx(np.ones(4))


def test_a_flat_map_has_no_ranks() -> None:
    assert np.isnan(rank_correlation(A, np.zeros_like(A))).all()


def _written_out(a: np.ndarray, b: np.ndarray) -> float:
    """Equation 13 of Wang et al. 2004, window by window, both maps in 0..1."""
    a, b = ((m - m.min()) / (m.max() - m.min()) for m in (a, b))
    reach = np.arange(-5, 6)
    weight = np.exp(-(reach[:, None] ** 2 + reach[None] ** 2) / (2 * 1.5**2))
    weight /= weight.sum()
    found = []
    for y in range(a.shape[0] - 10):
        for x in range(a.shape[1] - 10):
            p, q = a[y : y + 11, x : x + 11], b[y : y + 11, x : x + 11]
            mu_p, mu_q = (weight * p).sum(), (weight * q).sum()
            var_p, var_q = (weight * (p - mu_p) ** 2).sum(), (weight * (q - mu_q) ** 2).sum()
            both = (weight * (p - mu_p) * (q - mu_q)).sum()
            over = (2 * mu_p * mu_q + 0.01**2) * (2 * both + 0.03**2)
            found.append(over / ((mu_p**2 + mu_q**2 + 0.01**2) * (var_p + var_q + 0.03**2)))
    return float(np.mean(found))


def test_ssim_is_the_papers_equation_window_by_window() -> None:
    mixed = 0.7 * A + 0.3 * B
    np.testing.assert_allclose(ssim(A, mixed), [_written_out(*pair) for pair in zip(A, mixed, strict=True)], atol=1e-9)
    assert ssim(A, A) == pytest.approx(np.ones(4))


def test_flat_maps_are_alike() -> None:
    assert ssim(np.zeros((1, 12, 12)), np.ones((1, 12, 12))) == pytest.approx(1)
