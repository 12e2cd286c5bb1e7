from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.lab.train.losses import HeadLoss, head_loss, soft_cross_entropy, soft_focal  # noqa: E402

LABELS = torch.tensor([0, 1, 2, 3, 6, 6, 1, 4])
LOGITS = torch.randn(8, 7, generator=torch.Generator().manual_seed(0))
HARD = F.one_hot(LABELS, 7).float()
SOFT = torch.rand(8, 7, generator=torch.Generator().manual_seed(1)).softmax(1)
ONES = torch.ones(8)
CLASSES = torch.tensor([0.5, 9.0, 0.5, 0.3, 0.4, 0.6, 0.4])
COUNTS = torch.tensor([400, 20, 400, 700, 500, 300, 500])


def evened(logits: Tensor, target: Tensor, loss: HeadLoss) -> Tensor:
    return loss(logits, target, loss.weight(target, torch.ones(len(target))))


def test_agrees_with_the_framework() -> None:
    torch.testing.assert_close(soft_cross_entropy(LOGITS, HARD, ONES), F.cross_entropy(LOGITS, LABELS))
    torch.testing.assert_close(soft_cross_entropy(LOGITS, SOFT, ONES), F.cross_entropy(LOGITS, SOFT))


def test_a_weight_of_nothing_counts_nothing() -> None:
    weight = torch.tensor([1.0, 0, 0, 0, 0, 0, 0, 0])
    torch.testing.assert_close(
        soft_cross_entropy(LOGITS, SOFT, weight), soft_cross_entropy(LOGITS[:1], SOFT[:1], weight[:1])
    )
    assert float(soft_cross_entropy(LOGITS, SOFT, torch.zeros(8))) == 0


def test_class_weights_agree_with_the_framework() -> None:
    expected = F.cross_entropy(LOGITS, LABELS, weight=CLASSES)
    torch.testing.assert_close(evened(LOGITS, HARD, HeadLoss(CLASSES)), expected)


def test_a_votes_distribution_weighs_by_its_classes() -> None:
    weight = HeadLoss(CLASSES).weight(SOFT, ONES)
    torch.testing.assert_close(weight, (SOFT * CLASSES).sum(1))
    assert torch.equal(HeadLoss().weight(SOFT, ONES), ONES)


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_focal_by_its_formula(gamma: float) -> None:
    p = LOGITS.double().softmax(1)[torch.arange(8), LABELS]
    expected = -((1 - p) ** gamma * p.log()).mean().float()
    torch.testing.assert_close(soft_focal(LOGITS, HARD, ONES, gamma), expected)
    torch.testing.assert_close(evened(LOGITS, HARD, HeadLoss(gamma=gamma)), expected)


def test_focal_without_gamma_is_cross_entropy_and_sure_faces_count_less() -> None:
    torch.testing.assert_close(soft_focal(LOGITS, SOFT, ONES, 0.0), soft_cross_entropy(LOGITS, SOFT, ONES))
    sure = 8 * HARD
    ratio = soft_focal(sure, HARD, ONES, 2.0) / soft_cross_entropy(sure, HARD, ONES)
    assert float(ratio) < 1e-4
    assert soft_focal(1e4 * HARD, HARD, ONES, 0.5).isfinite()


def test_focal_has_a_gradient_where_a_face_is_certain() -> None:
    logits = (200 * HARD).requires_grad_()
    soft_focal(logits, HARD, ONES, 0.5).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_logit_adjustment_moves_the_optimum_by_the_log_prior() -> None:
    """Fisher consistency: where the data say p(y) = prior, the adjusted loss is least at equal logits."""
    loss = head_loss(COUNTS, None, tau=1.0, gamma=0.0)
    prior = ((COUNTS + 1) / (COUNTS + 1).sum())[None]
    logits = torch.zeros(1, 7, requires_grad=True)
    loss(logits, prior, torch.ones(1)).backward()
    assert logits.grad is not None
    assert logits.grad.abs().max() < 1e-6
    plain = torch.zeros(1, 7, requires_grad=True)
    HeadLoss()(plain, prior, torch.ones(1)).backward()
    assert plain.grad is not None
    assert plain.grad.abs().max() > 0.05


def test_logit_adjustment_scales_with_tau_and_is_off_at_nought() -> None:
    one, two = (head_loss(COUNTS, None, tau=tau, gamma=0.0).adjustment for tau in (1.0, 2.0))
    assert one is not None
    torch.testing.assert_close(two, 2 * one)
    assert head_loss(COUNTS, None, tau=0.0, gamma=0.0).adjustment is None
    moved = head_loss(COUNTS, None, tau=1.0, gamma=0.0)
    torch.testing.assert_close(moved(LOGITS, HARD, ONES), F.cross_entropy(LOGITS + one, LABELS))


@pytest.mark.parametrize("loss", [HeadLoss(CLASSES), HeadLoss(gamma=2.0), head_loss(COUNTS, CLASSES, 1.0, 1.0)])
def test_parts_of_a_batch_sum_to_the_whole(loss: HeadLoss) -> None:
    given = torch.tensor([1.0, 1, 0, 1, 1, 1, 0.5, 1])
    weight = loss.weight(SOFT, given)
    whole = loss(LOGITS, SOFT, weight)
    rows = (slice(0, 3), slice(3, 8))  # uneven, as the last batch's
    parts = [loss(LOGITS[r], SOFT[r], weight[r], weight.sum()) for r in rows]
    torch.testing.assert_close(parts[0] + parts[1], whole)
