from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.lab.train.diversity import EPSILON, corrected, diversity, literal, similarity  # noqa: E402


def alike(n: int, s: float) -> torch.Tensor:
    return torch.full((n, n), s).fill_diagonal_(1.0)


def attention(n: int = 6, branches: int = 4, cells: int = 9, spread: float = 0.2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.5 + spread * torch.randn(n, branches, cells, generator=generator)


def test_similarity_is_the_batch_mean_of_a_kernel() -> None:
    a = attention()
    found = similarity(a, 10.0)
    slow = sum(math.exp(-10 * float((a[i, 1] - a[i, 3]).square().sum())) for i in range(6)) / 6
    assert float(found[1, 3]) == pytest.approx(slow, rel=1e-5)
    assert torch.equal(found, found.T)
    assert torch.equal(found.diagonal(), torch.ones(4))


@pytest.mark.parametrize(("n", "expected"), [(2, 0.25), (3, -0.25), (4, 0.1875), (5, -0.125)])
def test_the_literal_sign_alternates_with_the_number_of_branches(n: int, expected: float) -> None:
    assert float(literal(alike(n, 0.5))) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("n", [2, 3, 9, 15])
def test_the_corrected_penalty_is_largest_for_the_same_and_none_for_unlike_branches(n: int) -> None:
    found = [float(corrected(alike(n, s))) for s in (0.0, 0.3, 0.6, 0.9, 1.0)]
    assert found == sorted(found)
    assert found[0] == pytest.approx(0, abs=1e-5)
    same = n * math.log(1 + EPSILON) - (n - 1) * math.log(EPSILON) - math.log(n + EPSILON)
    assert found[-1] == pytest.approx(same, rel=1e-3)


def test_nine_literal_branches_are_drawn_together_and_nine_corrected_ones_apart() -> None:
    a = attention(branches=9, spread=0.05)
    for kind, apart in (("literal", -1), ("corrected", 1)):
        moved = a.clone().requires_grad_()
        diversity(moved, kind, 10.0).backward()
        centre = a.mean(dim=1, keepdim=True)
        outwards = -float((moved.grad * (a - centre)).sum())  # of a step down the gradient
        assert outwards * apart > 0, kind


@pytest.mark.parametrize("kind", ["corrected", "literal"])
@pytest.mark.parametrize("spread", [0.0, 1e-4, 0.05, 3.0])
def test_gradients_are_numbers(kind: str, spread: float) -> None:
    a = attention(branches=15, cells=64, spread=spread).to(torch.bfloat16).requires_grad_()
    loss = diversity(a, kind, 10.0)
    loss.backward()
    assert loss.dtype == torch.float32
    assert a.grad is not None
    assert a.grad.isfinite().all()
    assert a.grad.abs().max() < 1e3
