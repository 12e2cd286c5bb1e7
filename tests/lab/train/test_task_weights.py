from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from mien.lab.train.task_weights import GradientBalance, Uncertainty  # noqa: E402

ONE = torch.ones(())


def losses(embedding: Tensor) -> dict[str, Tensor]:
    """One head pulls a hundred times as hard as the other."""
    return {"a": 100 * embedding[:, 0].square().mean(), "b": embedding[:, 1].square().mean()}


def test_uncertainty_by_its_formula() -> None:
    tasks = Uncertainty({"a": False, "b": True})
    with torch.no_grad():
        tasks.log_variance.copy_(torch.tensor([0.3, -0.4]))
    found = tasks({"a": 2 * ONE, "b": 3 * ONE}, {"a": ONE, "b": ONE}, torch.zeros(1, 2))
    s = torch.tensor([0.3, -0.4])
    expected = torch.exp(-s[0]) * 2 + s[0] / 2 + torch.exp(-s[1]) * 3 / 2 + s[1] / 2
    torch.testing.assert_close(found, expected)


def test_a_head_without_labels_keeps_its_uncertainty() -> None:
    tasks = Uncertainty({"a": False, "b": False})
    tasks({"a": ONE, "b": 0 * ONE}, {"a": ONE, "b": 0 * ONE}, torch.zeros(1, 2)).backward()
    grad = tasks.log_variance.grad
    assert grad is not None
    assert grad[0] != 0
    assert grad[1] == 0


def test_uncertainty_settles_where_it_should() -> None:
    """d/ds (exp(-s) L + s / 2) = 0 at exp(s) = 2 L."""
    tasks = Uncertainty({"a": False})
    optimiser = torch.optim.Adam(tasks.parameters(), lr=0.05)
    for _ in range(400):
        optimiser.zero_grad()
        tasks({"a": 4 * ONE}, {"a": ONE}, torch.zeros(1, 1)).backward()
        optimiser.step()
    assert float(tasks.log_variance.exp()) == pytest.approx(8, rel=0.05)


def test_gradients_at_the_embedding_are_brought_to_one_size() -> None:
    tasks = GradientBalance(("a", "b"))
    embedding = torch.ones(6, 2, requires_grad=True)
    said = losses(embedding)
    total = tasks(said, {"a": ONE, "b": ONE}, embedding)
    (pull,) = torch.autograd.grad(total, embedding)
    assert float(pull[:, 0].norm()) == pytest.approx(float(pull[:, 1].norm()), rel=1e-4)
    assert float(tasks.sizes[0] / tasks.sizes[1]) == pytest.approx(100, rel=1e-4)


def test_sizes_are_a_running_mean_that_a_checkpoint_keeps_and_absent_heads_leave_alone() -> None:
    tasks = GradientBalance(("a", "b"), decay=0.5)
    for scale, b in ((1.0, ONE), (3.0, 0 * ONE)):
        embedding = torch.full((6, 2), scale, requires_grad=True)
        tasks(losses(embedding), {"a": ONE, "b": b}, embedding)
    first, later = tasks.sizes.tolist()
    unit = 2 * 100 * 6**0.5 / 6
    assert first == pytest.approx(0.5 * unit + 0.5 * 3 * unit, rel=1e-4)
    assert later == pytest.approx(unit / 100, rel=1e-4)
    other = GradientBalance(("a", "b"))
    other.load_state_dict(tasks.state_dict())
    assert other.sizes.tolist() == tasks.sizes.tolist()


def test_nothing_is_measured_while_validating() -> None:
    tasks = GradientBalance(("a", "b")).eval()
    embedding = torch.ones(2, 2, requires_grad=True)
    assert float(tasks(losses(embedding), {"a": ONE, "b": ONE}, embedding)) == pytest.approx(101)
    assert tasks.sizes.tolist() == [0, 0]
