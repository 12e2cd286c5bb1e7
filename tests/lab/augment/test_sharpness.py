from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
reference = pytest.importorskip("torchvision.transforms.functional")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.sharpness import adjust_sharpness, random_sharpness  # noqa: E402


@pytest.mark.parametrize("channels", [1, 3])
def test_each_row_as_torchvision(channels: int) -> None:
    x = torch.rand(4, channels, 10, 12)
    factors = torch.tensor([0.0, 0.5, 1.0, 2.5])
    theirs = torch.stack([reference.adjust_sharpness(p, float(f)) for p, f in zip(x, factors, strict=True)])
    torch.testing.assert_close(adjust_sharpness(x, factors), theirs, atol=1e-5, rtol=0)


def test_some_pictures_only() -> None:
    x = torch.rand(200, 1, 8, 8)
    y = random_sharpness(x, Draw(torch.Generator().manual_seed(0), 200), factor=2.0, probability=0.25)
    hit = (y != x).flatten(1).any(1)
    assert 30 < int(hit.sum()) < 70
    torch.testing.assert_close(y[hit], adjust_sharpness(x[hit], torch.full((int(hit.sum()),), 2.0)))
