from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.lab.heads.affect_losses import AffectLoss, concordance_loss  # noqa: E402
from mien.score.concordance import concordance  # noqa: E402

LOGITS = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
TARGET = (0.5 * LOGITS + 0.4 * torch.randn(40, 2, generator=torch.Generator().manual_seed(1)) + 0.2).clamp(-1, 1)
KNOWN = (torch.rand(40, 2, generator=torch.Generator().manual_seed(2)) < 0.6).float()


@pytest.mark.parametrize("shift", [0.0, 0.5, -3.0])
def test_concordance_is_the_scores_also_on_shifted_data(shift: float) -> None:
    true = np.where(KNOWN.numpy() > 0, TARGET.numpy(), np.nan).T
    expected = 1 - concordance(true, (LOGITS + shift).double().numpy().T)
    found = concordance_loss(LOGITS + shift, TARGET, KNOWN)
    assert found.numpy() == pytest.approx(expected, abs=1e-5)
    whole = concordance_loss(TARGET + shift, TARGET, KNOWN)
    assert (whole > 0.01).all() if shift else whole.abs().max() < 1e-6


def test_fewer_than_two_labelled_faces_say_nothing() -> None:
    one = torch.zeros(40, 2)
    one[3, 0] = 1
    assert concordance_loss(LOGITS, TARGET, one).tolist() == [0, 0]
    loss = AffectLoss("ccc")
    logits = LOGITS.clone().requires_grad_()
    loss(logits, TARGET, one).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("which", ["mse", "ccc", "both", "rmse"])
def test_unlabelled_faces_move_nothing(which: str) -> None:
    logits = LOGITS.clone().requires_grad_()
    AffectLoss(which)(logits, TARGET, KNOWN).backward()
    assert logits.grad is not None
    assert (logits.grad[KNOWN == 0] == 0).all()
    assert (logits.grad[KNOWN > 0] != 0).all()
    assert float(AffectLoss(which)(LOGITS, TARGET, torch.zeros(40, 2))) == 0


def test_squared_errors_by_their_formulas() -> None:
    said, each = LOGITS.tanh(), []
    for k in range(2):
        rows = KNOWN[:, k] > 0
        each.append(((said[rows, k] - TARGET[rows, k]) ** 2).mean())
    torch.testing.assert_close(AffectLoss("mse")(LOGITS, TARGET, KNOWN), torch.stack(each).mean())
    torch.testing.assert_close(AffectLoss("rmse")(LOGITS, TARGET, KNOWN), torch.stack(each).sqrt().sum())
    plain = AffectLoss("mse", activation="none")(LOGITS, TARGET, torch.ones(40, 2))
    torch.testing.assert_close(plain, ((LOGITS - TARGET) ** 2).mean())


def test_both_is_the_sum() -> None:
    one, two, both = (AffectLoss(which)(LOGITS, TARGET, KNOWN) for which in ("mse", "ccc", "both"))
    torch.testing.assert_close(one + two, both)
