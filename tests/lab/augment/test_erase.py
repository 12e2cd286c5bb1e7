from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.erase import random_erase  # noqa: E402


def test_share_of_pictures_and_of_pixels() -> None:
    x = torch.full((400, 1, 32, 32), 7.0)
    y = random_erase(x, Draw(torch.Generator().manual_seed(0), len(x)), probability=0.25, side=(0.2, 0.4))
    hit = (y != x).flatten(1)
    assert 70 < int(hit.any(1).sum()) < 130
    assert hit.float().mean(1).max() <= (0.4 + 2 / 32) ** 2


def test_never_means_never() -> None:
    x = torch.rand(10, 1, 8, 8)
    assert torch.equal(random_erase(x, Draw(torch.Generator().manual_seed(0), len(x)), probability=0.0), x)
