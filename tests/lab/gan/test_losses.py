from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.lab.gan.losses import (  # noqa: E402
    class_loss,
    divergence,
    gradient_penalty,
    r1_penalty,
    strength_loss,
)


def slope(length: float) -> torch.Tensor:
    """A direction (1, 2, 2) of this length."""
    way = torch.tensor([1.0, -2.0, 0.5, 3.0]).reshape(1, 2, 2)
    return length * way / way.norm()


@pytest.mark.parametrize(("length", "expected"), [(1.0, 0.0), (3.0, 4.0), (0.5, 0.25)])
def test_gradient_penalty_of_a_known_slope(length: float, expected: float) -> None:
    real, made = torch.rand(5, 1, 2, 2), torch.rand(5, 1, 2, 2)
    found = gradient_penalty(lambda x: (x * slope(length)).sum((1, 2, 3)), real, made, torch.rand(5))
    assert float(found) == pytest.approx(expected, abs=1e-5)


def test_gradient_penalty_looks_between_the_two_faces() -> None:
    """Of x^2 / 2 the slope is x itself, so that the penalty tells where it was taken."""
    real, made, share = torch.full((1, 1, 1, 1), 4.0), torch.full((1, 1, 1, 1), 2.0), torch.tensor([0.25])
    found = gradient_penalty(lambda x: x.square().sum((1, 2, 3)) / 2, real, made, share)
    assert float(found) == pytest.approx((0.25 * 4 + 0.75 * 2 - 1) ** 2)


def test_penalties_teach_the_critic() -> None:
    critic = torch.nn.Conv2d(1, 1, 2)
    x = torch.rand(3, 1, 4, 4)
    for loss in (gradient_penalty(critic, x, x.flip(0), torch.rand(3)), r1_penalty(critic, x)):
        (found,) = torch.autograd.grad(loss, critic.weight)
        assert found.abs().sum() > 0


def test_r1_is_half_the_squared_slope() -> None:
    found = r1_penalty(lambda x: (x * slope(3.0)).sum((1, 2, 3)), torch.rand(4, 1, 2, 2))
    assert float(found) == pytest.approx(4.5)


def test_strength_is_asked_of_emotions_alone() -> None:
    logits = torch.log(torch.tensor([[0.7, 0.3], [0.4, 0.6], [0.9, 0.1]]))
    strength = torch.tensor([0.5, 0.1, 1.0])  # the second is neutral's
    found = strength_loss(logits, strength, 0.2)
    assert float(found) == pytest.approx((0.2**2 + 0.1**2) / 2, rel=1e-5)
    assert float(strength_loss(logits, torch.zeros(3), 0.2)) == 0  # and no number divided by none


def test_divergence_against_the_sum_by_hand() -> None:
    distances, logits = torch.tensor([[0.0, 1.0, 4.0]]), torch.tensor([[1.0, 0.0, -1.0]])
    p = [math.exp(-d) for d in (0.0, 1.0, 4.0)]
    q = [math.exp(v) for v in (1.0, 0.0, -1.0)]
    p, q = [v / sum(p) for v in p], [v / sum(q) for v in q]
    by_hand = sum(a * math.log(a / b) + b * math.log(b / a) for a, b in zip(p, q, strict=True))
    assert float(divergence(distances, logits)) == pytest.approx(by_hand, rel=1e-5)
    assert float(divergence(-logits, logits)) == pytest.approx(0, abs=1e-6)


def test_class_loss_passes_over_free_samples() -> None:
    logits, labels = torch.tensor([[2.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 0])
    kept = class_loss(logits, labels, torch.tensor([False, True]))
    assert float(kept) == pytest.approx(math.log(1 + math.exp(-2)), rel=1e-5)
    assert float(class_loss(logits, labels, torch.tensor([True, True]))) == 0
