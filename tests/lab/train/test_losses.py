from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402

from mien.lab.train.losses import soft_cross_entropy, soft_focal  # noqa: E402

LABELS = torch.tensor([0, 1, 2, 3, 6, 6, 1, 4])
LOGITS = torch.randn(8, 7, generator=torch.Generator().manual_seed(0))
HARD = F.one_hot(LABELS, 7).float()
SOFT = torch.rand(8, 7, generator=torch.Generator().manual_seed(1)).softmax(1)
ONES = torch.ones(8)


def test_agrees_with_the_framework() -> None:
    torch.testing.assert_close(soft_cross_entropy(LOGITS, HARD, ONES), F.cross_entropy(LOGITS, LABELS))
    torch.testing.assert_close(soft_cross_entropy(LOGITS, SOFT, ONES), F.cross_entropy(LOGITS, SOFT))


def test_a_weight_of_nothing_counts_nothing() -> None:
    weight = torch.tensor([1.0, 0, 0, 0, 0, 0, 0, 0])
    torch.testing.assert_close(
        soft_cross_entropy(LOGITS, SOFT, weight), soft_cross_entropy(LOGITS[:1], SOFT[:1], weight[:1])
    )
    assert float(soft_cross_entropy(LOGITS, SOFT, torch.zeros(8))) == 0


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_focal_by_its_formula(gamma: float) -> None:
    p = LOGITS.double().softmax(1)[torch.arange(8), LABELS]
    expected = -((1 - p) ** gamma * p.log()).mean().float()
    torch.testing.assert_close(soft_focal(LOGITS, HARD, ONES, gamma), expected)


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
