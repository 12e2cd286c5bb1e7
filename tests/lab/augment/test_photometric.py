from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.photometric import random_light  # noqa: E402


def test_contrast_keeps_mid_grey_and_brightness_shifts_all() -> None:
    x = torch.full((50, 1, 4, 4), 0.5)
    draw = Draw(torch.Generator().manual_seed(0), 50)
    assert torch.allclose(random_light(x, draw, contrast=0.5), x)
    y = random_light(x, draw, brightness=0.2)
    assert float(y.min()) >= 0.3
    assert float(y.max()) <= 0.7
    assert float(y.std()) > 0.05
    assert torch.allclose(y, y[:, :, :1, :1].expand_as(y))
