from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.pooling import QUIETER, check_pool, pooled, pooled_width, quieten  # noqa: E402
from mien.runtime import heat_map  # noqa: E402

MAP = torch.tensor([[[[0.0, 3.0], [1.0, 0.0]], [[-2.0, -4.0], [-2.0, -8.0]]]])


@pytest.mark.parametrize(
    ("pool", "expected"), [("avg", [1, -4]), ("max", [3, -2]), ("concat", [1, -4, 3, -2])]
)  # fmt: skip
def test_means_stand_before_maxima(pool: str, expected: list[float]) -> None:
    assert pooled(MAP, pool)[0].tolist() == expected
    assert pooled_width(2, pool) == len(expected)
    np.testing.assert_allclose(heat_map.pooled(MAP.numpy(), pool)[0], expected)


def test_equal_cells_share_the_gradient() -> None:
    cells = MAP.clone().requires_grad_()
    pooled(cells, "max").sum().backward()
    assert cells.grad[0].tolist() == [[[0, 1], [0, 0]], [[0.5, 0], [0.5, 0]]]


def test_pooling_is_timms() -> None:
    timm_pool = pytest.importorskip("timm.layers.adaptive_avgmax_pool")
    x = torch.randn(2, 5, 4, 6)
    torch.testing.assert_close(pooled(x, "concat"), timm_pool.adaptive_catavgmax_pool2d(x).flatten(1))


@pytest.mark.parametrize(("pool", "quiet"), [("avg", 0), ("max", 6), ("concat", 3)])
def test_weights_of_maxima_begin_smaller(pool: str, quiet: int) -> None:
    head = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Linear(6, 2))
    before = head[1].weight.detach().clone()
    quieten(head, pool)
    assert (head[1].weight / before)[0].tolist() == [1] * (6 - quiet) + [QUIETER] * quiet


def test_another_word_is_told_with_those_that_there_are() -> None:
    with pytest.raises(MienError, match=r"model\.options\.pool = 'mean', expected avg, max or concat"):
        check_pool("mean")
    with pytest.raises(MienError, match="expected avg, max or concat"):
        pooled_width(3, "both")
