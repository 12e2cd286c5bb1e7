from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
reference = pytest.importorskip("torchvision.transforms.functional")

from mien.errors import MienError  # noqa: E402
from mien.lab.augment.crop import (  # noqa: E402
    crop_window,
    random_crop,
    random_resized_crop,
    resized_window,
    ten_crop,
    ten_crop_average,
)
from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.geometry import random_affine  # noqa: E402


def drawn(n: int, seed: int = 0) -> Draw:
    return Draw(torch.Generator().manual_seed(seed), n)


def numbered(n: int, height: int, width: int) -> torch.Tensor:
    """Every pixel says where it is: channel 0 its column, channel 1 its row."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([columns, rows]).float().expand(n, 2, height, width).contiguous()


def test_crops_lie_everywhere_in_the_padded_picture_and_move_no_pixel() -> None:
    x = numbered(600, 12, 14)
    y = random_crop(x, drawn(600), 10, pad=2)
    assert y.shape == (600, 2, 10, 10)
    columns_at_4, rows_at_4 = y[:, 0, 0, 4], y[:, 1, 4, 0]  # never of the padding
    assert sorted({int(v) for v in columns_at_4}) == list(range(2, 11))
    assert sorted({int(v) for v in rows_at_4}) == list(range(2, 9))
    assert len({(int(a), int(b)) for a, b in zip(columns_at_4, rows_at_4, strict=True)}) > 30
    for picture, column, row in zip(y[:50], columns_at_4, rows_at_4, strict=False):
        columns = (torch.arange(10) + column - 4).clamp(0, 13)
        rows = (torch.arange(10) + row - 4).clamp(0, 11)
        assert torch.equal(picture[0], columns.expand(10, 10).float())
        assert torch.equal(picture[1], rows[:, None].expand(10, 10).float())


def test_zero_padding_is_black() -> None:
    y = random_crop(torch.ones(100, 1, 8, 8), drawn(100), 8, pad=4, mode="zero")
    assert {0.0, 1.0} == set(y.unique().tolist())
    assert float(y.mean((1, 2, 3)).min()) < 0.5


def test_the_window_of_a_crop_resamples_to_the_very_crop() -> None:
    x = torch.rand(20, 1, 12, 14)
    cut = random_crop(x, drawn(20), 10, pad=3)
    window = crop_window(x, drawn(20), 10, pad=3)
    torch.testing.assert_close(random_affine(x, drawn(20), side=(10, 10), window=window), cut, atol=1e-4, rtol=0)


def test_a_crop_that_does_not_fit() -> None:
    with pytest.raises(MienError, match=r"augment.crop = 20 does not fit into 12 x 12 .* crop less or pad more"):
        random_crop(torch.rand(1, 1, 12, 12), drawn(1), 20, pad=2)
    with pytest.raises(MienError, match="ten-crop: 20 pixels do not fit"):
        ten_crop(torch.rand(1, 1, 12, 12), 20)


def test_resized_windows_lie_inside_and_have_the_share_asked_for() -> None:
    window = resized_window(torch.rand(2000, 1, 48, 48), drawn(2000), (0.2, 0.5))
    assert float((window[:, :2].abs() + window[:, 2:]).max()) <= 1 + 1e-6
    area = window[:, 2] * window[:, 3]
    assert 0.199 < float(area.min()) < 0.21
    assert 0.49 < float(area.max()) < 0.501
    ratio = window[:, 2] / window[:, 3]
    assert 0.749 < float(ratio.min()) < 0.77
    assert 1.31 < float(ratio.max()) < 1.334


def test_random_resized_crop_as_a_crop_resized_by_torchvision() -> None:
    """Of a slope, on which bilinear resizing and sampling agree away from the crop's border."""
    x = numbered(1, 40, 40)
    window = resized_window(x, drawn(1, 4), (0.3, 0.3))[0]
    y = random_resized_crop(x, drawn(1, 4), side=(48, 48), area=(0.3, 0.3))
    centre, half = (window[:2] + 1) * 20 - 0.5, window[2:] * 20
    steps = (torch.arange(48) + 0.5) / 24 - 1
    torch.testing.assert_close(y[0, 0, 20], centre[0] + half[0] * steps, atol=1e-3, rtol=0)
    torch.testing.assert_close(y[0, 1, :, 20], centre[1] + half[1] * steps, atol=1e-3, rtol=0)
    whole = random_resized_crop(x.repeat(8, 1, 1, 1), drawn(8), side=(48, 48), area=(0.2, 0.9))
    assert len({float(v) for v in whole[:, 0, 0, 0]}) == 8


def test_ten_crops_as_torchvision_and_their_average() -> None:
    x = torch.rand(3, 1, 48, 47)
    theirs = torch.stack(reference.ten_crop(x, 41), dim=1).flatten(0, 1)
    assert torch.equal(ten_crop(x, 41), theirs)
    logits = torch.arange(30.0)[:, None].expand(30, 2)
    assert ten_crop_average(logits).tolist() == [[4.5, 4.5], [14.5, 14.5], [24.5, 24.5]]
