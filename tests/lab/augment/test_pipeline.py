from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.pipeline import augment_batch  # noqa: E402
from mien.lab.train.recipe import Augment  # noqa: E402

SMALL = Augment(flip=0.5, rotate=15, scale=(0.9, 1.2), shift=0.06, brightness=0.15, contrast=0.3, erase=0.25, mixup=0.2)

ALL_OF_TONE = {
    "brightness_factor": 0.4,
    "saturation": 0.3,
    "hue": 0.1,
    "greyscale": 0.5,
    "sharpness": 2.0,
    "sharpness_probability": 0.5,
    "blur": 0.5,
    "solarize": 0.5,
}


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


def test_a_crop_is_what_the_network_sees_unless_pictures_are_resized() -> None:
    x = torch.rand(6, 1, 48, 48)
    for settings in (Augment(crop=44), Augment(crop=44, rotate=10), Augment(crop=44, pad=4, pad_mode="zero")):
        for side, expected in ((48, 44), (44, 44), (32, 32)):
            y, _ = augment_batch(x, targets(6), settings, drawn(6), side=(side, side), normal=symmetric)
            assert y.shape == (6, 1, expected, expected)
    padded, _ = augment_batch(x, targets(6), Augment(crop=48, pad=4), drawn(6), side=(48, 48), normal=symmetric)
    assert padded.shape == x.shape


def test_crop_and_mirror_move_no_pixel() -> None:
    x = torch.rand(40, 1, 12, 12)
    y, _ = augment_batch(x, targets(40), Augment(crop=10), drawn(40), side=(12, 12), normal=lambda x: x)
    for before, after in zip(x, y, strict=True):
        assert set(after.unique().tolist()) <= set(before.unique().tolist())


def test_everything_at_once_in_colour() -> None:
    heavy = Augment(
        **{**ALL_OF_TONE, "rotate": 20.0, "scale": (0.8, 1.2), "shift": 0.1, "resized_crop": (0.3, 1.0)},
        brightness=0.1,
        contrast=0.2,
        erase=0.5,
        mixup=0.4,
    )
    x = torch.rand(9, 3, 48, 48)
    y, _ = augment_batch(x, targets(9), heavy, drawn(9), side=(40, 40), normal=symmetric)
    assert y.shape == (9, 3, 40, 40)
    assert y.isfinite().all()


@pytest.mark.parametrize("name", ["brightness_factor", "saturation", "hue", "greyscale", "blur", "solarize"])
def test_each_setting_does_something_and_off_nothing(name: str) -> None:
    x = torch.rand(20, 3, 16, 16)
    on = Augment(flip=0, **{name: ALL_OF_TONE[name]})
    y, _ = augment_batch(x, targets(20), on, drawn(20), side=(16, 16), normal=lambda x: x)
    assert not torch.equal(y, x)
    off, _ = augment_batch(x, targets(20), Augment(flip=0), drawn(20), side=(16, 16), normal=lambda x: x)
    assert torch.equal(off, x)


def test_sharpness_needs_both_of_its_settings() -> None:
    x = torch.rand(20, 1, 16, 16)
    for settings in (Augment(flip=0, sharpness=2.0), Augment(flip=0, sharpness_probability=0.5)):
        same, _ = augment_batch(x, targets(20), settings, drawn(20), side=(16, 16), normal=lambda x: x)
        assert torch.equal(same, x)
    sharp = Augment(flip=0, sharpness=2.0, sharpness_probability=0.5)
    y, _ = augment_batch(x, targets(20), sharp, drawn(20), side=(16, 16), normal=lambda x: x)
    assert not torch.equal(y, x)


@pytest.mark.parametrize(("fill", "corner"), [("edge", 1.0), ("zero", 0.0)])
def test_what_a_turn_leaves_bare_is_the_edge_or_black(fill: str, corner: float) -> None:
    x = torch.ones(64, 3, 32, 32)
    turned, _ = augment_batch(
        x, targets(64), Augment(rotate=30, fill=fill), drawn(64), side=(32, 32), normal=lambda x: x
    )
    assert float(turned[:, :, 12:20, 12:20].min()) == pytest.approx(1.0)
    assert float(turned[:, :, 0, 0].min()) == pytest.approx(corner)
    assert float(turned[:, :, 0, 0].min(1).values.median()) == pytest.approx(corner)
