from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.train.collapse import feature_deviation  # noqa: E402


def test_an_even_spread_is_one_whatever_the_length_of_the_vectors() -> None:
    x = torch.randn(4000, 64, generator=torch.Generator().manual_seed(0))
    assert feature_deviation(x) == pytest.approx(1, abs=0.02)
    assert feature_deviation(x * torch.rand(4000, 1)) == pytest.approx(1, abs=0.02)


def test_equal_features_have_none_and_nearly_equal_ones_little() -> None:
    x = torch.rand(1, 64).expand(500, 64)
    assert feature_deviation(x) == pytest.approx(0, abs=1e-6)
    assert feature_deviation(x + 0.01 * torch.randn(500, 64)) < 0.1
