from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.pipeline import augment_batch  # noqa: E402
from mien.lab.train.recipe import Augment  # noqa: E402

SMALL = Augment(flip=0.5, rotate=15, scale=(0.9, 1.2), shift=0.06, brightness=0.15, contrast=0.3, erase=0.25, mixup=0.2)


def symmetric(x: torch.Tensor) -> torch.Tensor:
    return x * 2 - 1


def targets(n: int) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    return {"emotion": (torch.eye(n), torch.ones(n))}


def drawn(total: int, rows: slice = slice(None)) -> Draw:
    return Draw(torch.Generator().manual_seed(3), total, rows)


def test_nothing_asked_only_normalised() -> None:
    x = torch.rand(4, 1, 48, 48)
    y, same = augment_batch(x, targets(4), Augment(flip=0), drawn(4), side=(48, 48), normal=symmetric)
    torch.testing.assert_close(y, symmetric(x))
    assert torch.equal(same["emotion"][0], torch.eye(4))


def test_the_small_recipe_leaves_its_input_alone() -> None:
    x = torch.rand(16, 1, 48, 48)
    before = x.clone()
    y, mixed = augment_batch(x, targets(16), SMALL, drawn(16), side=(40, 40), normal=symmetric)
    assert y.shape == (16, 1, 40, 40)
    assert y.isfinite().all()
    assert torch.equal(x, before)
    torch.testing.assert_close(mixed["emotion"][0].sum(1), torch.ones(16))


def test_two_processes_make_the_pictures_of_one() -> None:
    """Of everything but noise and mixup's partners."""
    x = torch.rand(10, 1, 24, 24)
    settings = Augment(flip=0.5, rotate=15, scale=(0.9, 1.2), shift=0.06, brightness=0.15, contrast=0.3)
    whole, _ = augment_batch(x, targets(10), settings, drawn(10), side=(24, 24), normal=symmetric)
    for i in range(2):
        rows = slice(i, None, 2)
        part, _ = augment_batch(x[rows], targets(5), settings, drawn(10, rows), side=(24, 24), normal=symmetric)
        torch.testing.assert_close(part, whole[rows])
