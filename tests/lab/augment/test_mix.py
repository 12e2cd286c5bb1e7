from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.mix import mixup  # noqa: E402


def test_targets_follow_the_pictures() -> None:
    x = torch.eye(6)[:, :, None, None]  # picture i is one in channel i
    targets = {"emotion": (torch.eye(6), torch.ones(6))}
    mixed, out = mixup(x, targets, Draw(torch.Generator().manual_seed(1), 6), alpha=0.5)
    target, weight = out["emotion"]
    torch.testing.assert_close(mixed[:, :, 0, 0], target)
    torch.testing.assert_close(weight, torch.ones(6))
    assert (target.diagonal() >= 0.5).all()


def test_a_face_without_a_label_leaves_the_head_to_its_partner() -> None:
    weight = torch.tensor([1.0, 0.0, 1.0, 0.0])
    target = torch.eye(4)
    _, out = mixup(
        torch.zeros(4, 1, 2, 2), {"h": (target, weight)}, Draw(torch.Generator().manual_seed(0), 4), alpha=0.4
    )
    blend, share = out["h"]
    assert not blend[:, 1].any()
    assert not blend[:, 3].any()
    assert float(share.sum()) == pytest.approx(2.0)
    torch.testing.assert_close(blend[share > 0].sum(1), torch.ones(int((share > 0).sum())))
