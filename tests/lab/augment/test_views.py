from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.augment.views import ViewSettings, two_views  # noqa: E402


def drawn(total: int, rows: slice = slice(None)) -> Draw:
    return Draw(torch.Generator().manual_seed(0), total, rows)


@pytest.mark.parametrize("channels", [1, 3])
def test_two_views_differ_and_stay_pictures(channels: int) -> None:
    x = torch.rand(12, channels, 48, 48)
    before = x.clone()
    a, b = two_views(x, drawn(12))
    for view in (a, b):
        assert view.shape == x.shape
        assert 0 <= float(view.min()) <= float(view.max()) <= 1 + 1e-6
    assert (a != b).flatten(1).any(1).all()
    assert torch.equal(x, before)


def test_only_the_second_is_solarized_and_only_the_first_always_blurred() -> None:
    settings = ViewSettings(area=(1.0, 1.0), flip=0, jitter=0, blur=(1, 0), solarize=(0, 1))
    x = torch.rand(4, 1, 16, 16)
    a, b = two_views(x, drawn(4), settings)
    assert float(a.std()) < 0.8 * float(x.std())
    assert float(b.max()) <= 0.5


def test_two_processes_see_the_views_of_one() -> None:
    x = torch.rand(10, 1, 24, 24)
    whole = two_views(x, drawn(10))
    for i in range(2):
        rows = slice(i, None, 2)
        for part, all_of_it in zip(two_views(x[rows], drawn(10, rows)), whole, strict=True):
            torch.testing.assert_close(part, all_of_it[rows])


def test_settings_from_a_recipe() -> None:
    settings = ViewSettings.of({"area": [0.2, 1], "jitter": 1})
    assert settings == ViewSettings(area=(0.2, 1.0), jitter=1.0)
    with pytest.raises(MienError, match="unknown key solarise; did you mean solarize"):
        ViewSettings.of({"solarise": [0, 1]})
    with pytest.raises(MienError, match=r"byol\.views\.blur = 1, expected two numbers"):
        ViewSettings.of({"blur": 1})
