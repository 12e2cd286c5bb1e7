from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
reference = pytest.importorskip("torchvision.transforms.functional")

from mien.lab.augment.blur import gaussian_blur, random_blur  # noqa: E402
from mien.lab.augment.draw import Draw  # noqa: E402


@pytest.mark.parametrize("radius", [1, 6, 11])
def test_each_row_as_torchvision_up_to_the_border(radius: int) -> None:
    x = torch.rand(3, 2, 20, 24)
    sigma = torch.tensor([0.1, 0.9, 2.0])
    ours = gaussian_blur(x, sigma, radius)
    theirs = [reference.gaussian_blur(p, [2 * radius + 1] * 2, [float(s)] * 2) for p, s in zip(x, sigma, strict=True)]
    torch.testing.assert_close(ours, torch.stack(theirs), atol=1e-5, rtol=0)


def test_a_kernel_wider_than_the_picture() -> None:
    assert gaussian_blur(torch.ones(1, 1, 4, 4), torch.tensor([2.0]), 9).sub(1).abs().max() < 1e-5


def test_some_pictures_each_by_a_width_of_its_own() -> None:
    x = torch.rand(1, 1, 16, 16).repeat(200, 1, 1, 1)
    y = random_blur(x, Draw(torch.Generator().manual_seed(0), 200), probability=0.5, sigma=(0.5, 2.0))
    hit = (y != x).flatten(1).any(1)
    assert 75 < int(hit.sum()) < 125
    spread = y[hit].flatten(1).std(1)
    assert len({round(float(s), 6) for s in spread}) > 0.9 * len(spread)
    assert float(spread.max()) < float(x[0].std())
