"""KID and FID of given features."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("torch_fidelity")

from mien.lab.gan.set_distance import fid, kid


def cloud(seed: int, n: int = 400, shift: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return (shift + scale * np.random.default_rng(seed).normal(size=(n, 3))).astype(np.float32)


def test_kid_is_the_unbiased_estimate_under_the_cubic_kernel() -> None:
    x, y = cloud(0, 50).astype(np.float64), cloud(1, 50, 0.5).astype(np.float64)

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a @ b.T / 3 + 1) ** 3

    n = 50
    within = sum((kernel(a, a).sum() - np.trace(kernel(a, a))) / (n * (n - 1)) for a in (x, y))
    assert kid(x, y) == pytest.approx(within - 2 * kernel(x, y).mean())
    assert abs(np.mean([kid(cloud(s), cloud(s + 100)) for s in range(20)])) < 0.02


def test_kid_takes_as_many_of_each_as_the_smaller_has() -> None:
    assert kid(cloud(0, 30), cloud(1, 300, 2.0)) > 1


def test_fid_is_the_distance_of_gaussians() -> None:
    found = fid(cloud(0, 40_000), cloud(1, 40_000, 2.0, 3.0))
    assert found == pytest.approx(3 * 2.0**2 + 3 * (3 - 1) ** 2, rel=0.02)
    assert fid(cloud(0), cloud(0)) == pytest.approx(0, abs=1e-6)
