from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.geometry import random_affine  # noqa: E402


def draw(n: int, seed: int = 0) -> Draw:
    return Draw(torch.Generator().manual_seed(seed), n)


def smooth(n: int = 4, side: int = 32) -> torch.Tensor:
    line = torch.linspace(0, 1, side)
    return (line[:, None] * 0.3 + line[None, :] ** 2 * 0.7).expand(n, 1, side, side).contiguous()


def test_mirror_alone_moves_no_pixel() -> None:
    x = torch.rand(64, 1, 8, 8)
    y = random_affine(x, draw(len(x)), side=(8, 8), flip=0.5)
    flipped = (y == x.flip(3)).flatten(1).all(1)
    kept = (y == x).flatten(1).all(1)
    assert (flipped | kept).all()
    assert 16 < int(flipped.sum()) < 48


def test_certain_mirror_through_the_resampler() -> None:
    x = smooth()
    y = random_affine(x, draw(len(x)), side=(32, 32), flip=1.0, scale=(1.0, 1.0 + 1e-9))
    torch.testing.assert_close(y, x.flip(3), atol=1e-4, rtol=0)


def test_nothing_asked_nothing_done() -> None:
    x = torch.rand(3, 1, 9, 9)
    assert torch.equal(random_affine(x, draw(len(x)), side=(9, 9)), x)


def test_magnifying_enlarges_the_face() -> None:
    x = torch.zeros(1, 1, 32, 32)
    x[:, :, 12:20, 12:20] = 1
    grown = random_affine(x, draw(len(x)), side=(32, 32), scale=(2.0, 2.0))
    assert float(grown.sum()) == pytest.approx(4 * 64, rel=0.1)


def test_shift_stays_within_its_share() -> None:
    x = torch.zeros(200, 1, 40, 40)
    x[:, :, 19:21, 19:21] = 1
    y = random_affine(x, draw(len(x)), side=(40, 40), shift=0.1)
    columns = y.sum((1, 2)).argmax(1).float()
    assert 15 <= columns.min() < 17.5
    assert 22 < columns.max() <= 25


def test_rotation_by_a_quarter() -> None:
    x = smooth(1)
    y = random_affine(x, draw(1, 3), side=(32, 32), rotate=90)
    assert y.shape == x.shape
    assert not torch.allclose(y, x, atol=0.05)


def test_size_and_seed() -> None:
    x = torch.rand(2, 1, 48, 48)
    a, b = (random_affine(x, draw(2, 5), side=(32, 32), rotate=10, scale=(0.9, 1.1)) for _ in range(2))
    assert a.shape == (2, 1, 32, 32)
    assert torch.equal(a, b)
