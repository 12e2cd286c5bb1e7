from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.lab.heads.ordinal_loss import Ordinal, SquaredError  # noqa: E402


def test_by_its_formula() -> None:
    for x, level in ((0.0, 0), (2.3, 2), (-1.0, 4), (5.5, 5)):
        total = 0.0
        for j in range(1, 6):
            p = 1 / (1 + math.exp(-3.0 * (x - j + 0.5)))
            total -= math.log(p if level >= j else 1 - p)
        found = Ordinal()(torch.tensor([[x]]), torch.tensor([[float(level)]]), torch.ones(1, 1))
        assert float(found) == pytest.approx(total / 5, rel=1e-4)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_it_is_least_at_the_level_itself(level: int) -> None:
    at = torch.linspace(-1, 6, 141)
    losses = [float(Ordinal()(x.view(1, 1), torch.tensor([[float(level)]]), torch.ones(1, 1))) for x in at]
    assert float(at[losses.index(min(losses))]) == pytest.approx(level, abs=0.051)


def test_a_farther_level_costs_more() -> None:
    costs = [float(Ordinal()(torch.tensor([[1.0]]), torch.tensor([[float(k)]]), torch.ones(1, 1))) for k in range(1, 6)]
    assert costs == sorted(costs)


def test_unknown_cells_move_nothing() -> None:
    logits = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    target, known = torch.full((6, 3), 2.0), torch.ones(6, 3)
    known[2:, 1] = 0
    for loss in (Ordinal(), SquaredError()):
        logits.grad = None
        loss(logits, target, known).backward()
        assert logits.grad is not None
        assert (logits.grad[known == 0] == 0).all()
        assert (logits.grad[known > 0] != 0).all()
        assert loss(logits, target, torch.zeros(6, 3)).item() == 0
    torch.testing.assert_close(
        SquaredError()(logits, target, known), ((logits - 2)[known > 0] ** 2).mean(), check_device=False
    )
