from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import one_hot  # noqa: E402

from mien.lab.train.centre_loss import CentreLoss  # noqa: E402

CLASSES, WIDTH = 3, 5


def batch(n: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(n, WIDTH, generator=generator), torch.randint(0, 2, (n,), generator=generator)


def with_centres(rate: float = 0.5) -> CentreLoss:
    loss = CentreLoss(CLASSES, WIDTH, rate)
    loss.centres.copy_(torch.randn(CLASSES, WIDTH, generator=torch.Generator().manual_seed(1)))
    return loss


class Reducing:
    """An accelerator of two processes, the other of which holds the same sums."""

    num_processes = 2

    def reduce(self, value: torch.Tensor, how: str) -> torch.Tensor:
        assert how == "sum"
        return 2 * value


def test_equation_2_face_by_face() -> None:
    loss, (x, labels) = with_centres(), batch()
    each = [0.5 * float((x[i] - loss.centres[labels[i]]).square().sum()) for i in range(len(x))]
    target = one_hot(labels, CLASSES).float()
    assert float(loss(x, target, torch.ones(6))) == pytest.approx(sum(each) / 6, rel=1e-5)
    weight = torch.tensor([2.0, 0, 0, 0, 0, 1])
    assert float(loss(x, target, weight)) == pytest.approx((2 * each[0] + each[5]) / 3, rel=1e-5)
    assert float(loss(x, target, weight, torch.tensor(6.0))) == pytest.approx((2 * each[0] + each[5]) / 6, rel=1e-5)


def test_equation_4_class_by_class() -> None:
    loss, (x, labels) = with_centres(rate=0.3), batch()
    expected = loss.centres.clone()
    for j in range(CLASSES):
        mine = x[labels == j]
        expected[j] -= 0.3 * (expected[j] - mine).sum(dim=0) / (1 + len(mine))
    before = loss.centres.clone()
    loss.move(x, one_hot(labels, CLASSES).float(), torch.ones(6))
    torch.testing.assert_close(loss.centres, expected)
    assert torch.equal(loss.centres[2], before[2])  # of which the batch has no face


def test_centres_find_the_means() -> None:
    loss, (x, labels) = CentreLoss(CLASSES, WIDTH), batch()
    for _ in range(60):
        loss.move(x, one_hot(labels, CLASSES).float(), torch.ones(6))
    for j in (0, 1):
        torch.testing.assert_close(loss.centres[j], x[labels == j].mean(dim=0), rtol=1e-4, atol=1e-4)


def test_the_embedding_learns_and_the_centres_do_not() -> None:
    loss, (x, labels) = with_centres(), batch()
    x.requires_grad_(True)
    target = one_hot(labels, CLASSES).float()
    loss(x, target, torch.ones(6)).backward()
    torch.testing.assert_close(x.grad, (x - loss.centres[labels]).detach() / 6)
    assert list(loss.parameters()) == []
    assert set(loss.state_dict()) == {"centres"}


def test_soft_labels_share_a_face() -> None:
    loss = with_centres()
    x, soft = torch.ones(1, WIDTH), torch.tensor([[0.25, 0.75, 0.0]])
    squared = (x - loss.centres).square().sum(dim=1)
    expected = 0.5 * (0.25 * squared[0] + 0.75 * squared[1])
    torch.testing.assert_close(loss(x, soft, torch.ones(1)), expected)
    before = loss.centres.clone()
    loss.move(x, soft, torch.ones(1))
    torch.testing.assert_close(loss.centres[1] - before[1], 0.5 * 0.75 / 1.75 * (1 - before[1]))
    assert torch.equal(loss.centres[2], before[2])


def test_faces_without_weight_do_nothing() -> None:
    loss, (x, labels) = with_centres(), batch()
    before = loss.centres.clone()
    target = one_hot(labels, CLASSES).float()
    assert float(loss(x, target, torch.zeros(6))) == 0
    loss.move(x, target, torch.zeros(6))
    assert torch.equal(loss.centres, before)


def test_processes_move_as_one() -> None:
    """Two processes with the same six faces move the centres as one with all twelve."""
    x, labels = batch()
    target = one_hot(labels, CLASSES).float()
    one, two = with_centres(), with_centres()
    one.move(x.repeat(2, 1), target.repeat(2, 1), torch.ones(12))
    two.move(x, target, torch.ones(6), Reducing())
    torch.testing.assert_close(one.centres, two.centres)


def test_embeddings_in_bf16() -> None:
    loss, (x, labels) = with_centres(), batch()
    target = one_hot(labels, CLASSES).float()
    assert loss(x.bfloat16(), target, torch.ones(6)).dtype == torch.float32
    loss.move(x.bfloat16(), target, torch.ones(6))
    assert loss.centres.dtype == torch.float32
