from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402

from mien.lab.heads.unit_losses import MOST, Asymmetric, Bce, positive_weights  # noqa: E402

LOGITS = 2 * torch.randn(9, 4, generator=torch.Generator().manual_seed(0))
TARGET = (torch.rand(9, 4, generator=torch.Generator().manual_seed(1)) < 0.3).float()
KNOWN = (torch.rand(9, 4, generator=torch.Generator().manual_seed(2)) < 0.7).float()


def test_cross_entropy_is_the_frameworks_over_known_cells() -> None:
    expected = F.binary_cross_entropy_with_logits(LOGITS[KNOWN > 0], TARGET[KNOWN > 0])
    torch.testing.assert_close(Bce()(LOGITS, TARGET, KNOWN), expected)


def test_unknown_cells_move_nothing() -> None:
    for loss in (Bce(), Bce(torch.full((4,), 3.0)), Asymmetric()):
        logits = LOGITS.clone().requires_grad_()
        loss(logits, TARGET, loss.weight(TARGET, KNOWN)).backward()
        assert logits.grad is not None
        assert (logits.grad[KNOWN == 0] == 0).all()
        assert (logits.grad[KNOWN > 0] != 0).any()
        assert float(loss(LOGITS, TARGET, torch.zeros(9, 4))) == 0


def test_weighted_is_the_frameworks_pos_weight_but_for_the_mean() -> None:
    positive = torch.tensor([1.0, 2.0, 5.0, 9.0])
    loss = Bce(positive)
    weight = loss.weight(TARGET, KNOWN)
    summed = F.binary_cross_entropy_with_logits(LOGITS, TARGET, KNOWN, pos_weight=positive, reduction="sum")
    torch.testing.assert_close(loss(LOGITS, TARGET, weight), summed / weight.sum())


def test_positive_weights_even_out_both_sides() -> None:
    target = torch.zeros(200, 3)
    target[:50, 0] = 1
    target[:1, 1] = 1
    target[:150, 2] = 1
    known = torch.ones(200, 3)
    known[100:, 0] = 0
    assert positive_weights(target, known).tolist() == [1.0, MOST, 1.0]
    known[:] = 1
    assert positive_weights(target, known)[0] == 3


@pytest.mark.parametrize(("positive", "negative", "margin"), [(0.0, 4.0, 0.05), (1.0, 2.0, 0.0), (0.0, 0.0, 0.0)])
def test_asymmetric_by_its_formula(positive: float, negative: float, margin: float) -> None:
    total, cells = 0.0, 0
    for x, t, known in zip(LOGITS.double().flatten(), TARGET.flatten(), KNOWN.flatten(), strict=True):
        if known:
            p = 1 / (1 + (-x).exp())
            q = max(float(p) - margin, 0.0)
            shown = (1 - p) ** positive * p.log()
            absent = q**negative * torch.tensor(1 - q).log()
            total -= float(shown if t else absent)
            cells += 1
    found = Asymmetric(positive, negative, margin)(LOGITS, TARGET, KNOWN)
    assert float(found) == pytest.approx(total / cells, rel=1e-5)


def test_asymmetric_without_focus_is_cross_entropy() -> None:
    torch.testing.assert_close(Asymmetric(0, 0, 0)(LOGITS, TARGET, KNOWN), Bce()(LOGITS, TARGET, KNOWN))


def test_parts_of_a_batch_sum_to_the_whole() -> None:
    for loss in (Bce(torch.full((4,), 3.0)), Asymmetric()):
        weight = loss.weight(TARGET, KNOWN)
        whole = loss(LOGITS, TARGET, weight)
        parts = [loss(LOGITS[r], TARGET[r], weight[r], weight.sum()) for r in (slice(0, 3), slice(3, 9))]
        torch.testing.assert_close(parts[0] + parts[1], whole)
