from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
reference = pytest.importorskip("torchvision.transforms.functional")

from mien.lab.augment import colour  # noqa: E402
from mien.lab.augment.draw import Draw  # noqa: E402

FACTORS = torch.tensor([0.0, 0.4, 1.0, 1.7])
TURNS = torch.tensor([-0.5, -0.13, 0.0, 0.31])


def pictures(channels: int = 3, n: int = 4) -> torch.Tensor:
    x = torch.rand(n, channels, 9, 11, generator=torch.Generator().manual_seed(0))
    x[0, :, 0] = 0.5  # no colour at all: hue divides by its spread
    x[1, :, 1] = 0.0
    x[1, 0, 1] = 1.0  # pure red
    return x


def drawn(n: int, seed: int = 0) -> Draw:
    return Draw(torch.Generator().manual_seed(seed), n)


@pytest.mark.parametrize("name", ["adjust_brightness", "adjust_contrast", "adjust_saturation", "adjust_hue"])
@pytest.mark.parametrize("channels", [1, 3])
def test_each_row_as_torchvision(name: str, channels: int) -> None:
    x = pictures(channels)
    factors = TURNS if name == "adjust_hue" else FACTORS
    ours = getattr(colour, name)(x, factors)
    theirs = torch.stack([getattr(reference, name)(p, float(f)) for p, f in zip(x, factors, strict=True)])
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_grey_and_solarized_as_torchvision() -> None:
    x = pictures()
    torch.testing.assert_close(colour.to_grey(x), reference.rgb_to_grayscale(x), atol=1e-5, rtol=0)
    torch.testing.assert_close(colour.solarize(x, 0.4), reference.solarize(x, 0.4), atol=1e-5, rtol=0)


def test_jitter_differs_between_rows_that_are_alike() -> None:
    x = pictures()[2:3].expand(8, -1, -1, -1)
    for setting in ("brightness", "contrast", "saturation", "hue"):
        y = colour.random_jitter(x, drawn(8), **{setting: 0.4})
        assert len({round(float(p), 6) for p in y.square().sum((1, 2, 3))}) == 8
        assert 0 <= float(y.min()) <= float(y.max()) <= 1


def test_jitter_of_a_row_does_not_depend_on_the_others() -> None:
    x = pictures()
    other = torch.cat([x[:1], torch.rand(3, 3, 9, 11)])
    a, b = (
        colour.random_jitter(z, drawn(4), brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1) for z in (x, other)
    )
    torch.testing.assert_close(a[0], b[0])


def test_greyscale_and_solarize_take_some_pictures_whole() -> None:
    x = pictures(n=200)
    grey = colour.random_greyscale(x, drawn(200), probability=0.3)
    colourless = (grey.amax(1) - grey.amin(1)).flatten(1).amax(1) < 1e-6
    assert 40 < int(colourless.sum()) < 80
    assert torch.equal(grey[~colourless], x[~colourless])
    turned = colour.random_solarize(x, drawn(200), probability=0.3)
    hit = (turned != x).flatten(1).any(1)
    assert 40 < int(hit.sum()) < 80
    assert float(turned[hit].max()) <= 0.5
    assert torch.equal(colour.random_greyscale(x[:, :1], drawn(200), probability=1.0), x[:, :1])
