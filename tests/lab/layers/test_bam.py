from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.bam import BAM  # noqa: E402


@pytest.mark.parametrize(("channels", "parameters"), [(256, 17_361), (512, 68_513), (1024, 272_193)])
def test_parameters_are_what_bam_resnet50_has_beyond_resnet50(channels: int, parameters: int) -> None:
    """The three add up to 358,067 = 23,880,442 - 23,522,375."""
    assert sum(p.numel() for p in BAM(channels).parameters()) == parameters


@pytest.mark.parametrize(("join", "expected"), [("product", 1 + 1 / (1 + 2.718281828**-6)), ("sum", 1.993307149)])
def test_paths_are_joined_as_asked(join: str, expected: float) -> None:
    """Paths that say 2 and 3 everywhere: sigmoid(6) or sigmoid(5), and the map itself added."""
    layer = BAM(4, reduction=2, join=join).eval()
    for last, said in ((layer.channel.excite, 2.0), (layer.spatial[-1], 3.0)):
        torch.nn.init.zeros_(last.weight)
        torch.nn.init.constant_(last.bias, said)
    x = torch.randn(2, 4, 5, 5)
    torch.testing.assert_close(layer(x), x * expected)


def test_places_see_eight_pixels_away_and_no_farther() -> None:
    """Two 3x3 kernels of dilation 4 reach 8 pixels to either side."""
    torch.manual_seed(0)
    layer = BAM(8, reduction=2).eval()
    x = torch.rand(1, 8, 1, 25, requires_grad=True)
    layer.spatial(x)[0, 0, 0, 12].backward()
    reached = x.grad.abs().sum(dim=(0, 1, 2)).nonzero().flatten()
    assert (int(reached.min()), int(reached.max())) == (4, 20)


def test_unknown_join_is_named() -> None:
    with pytest.raises(MienError, match=r"model\.options\.join = 'max', expected product or sum"):
        BAM(8, join="max")
