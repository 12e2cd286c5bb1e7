from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.layers.mirrored import MirroredConv2d, MirroredNorm2d, both_halves, plain  # noqa: E402


def mirrored(pairs: torch.Tensor) -> torch.Tensor:
    """What pairs become when the picture they were made of is mirrored."""
    return pairs.flip(3).roll(pairs.shape[1] // 2, dims=1)


def pairs(channels: int = 6, side: int = 8) -> torch.Tensor:
    return torch.randn(5, channels, side, side, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (5, 1), (2, 2), (4, 2), (6, 2)])
def test_a_convolution_commutes_with_the_mirror(kernel: int, stride: int) -> None:
    conv = MirroredConv2d(6, 10, kernel, stride)
    y = conv(pairs())
    assert y.shape == (5, 10, 8 // stride, 8 // stride)
    torch.testing.assert_close(conv(mirrored(pairs())), mirrored(y))
    if kernel > 1:  # it is not that its kernels are symmetric
        assert not torch.allclose(conv(pairs().flip(3)), y.flip(3), atol=0.1)


def test_one_that_lifts_takes_pictures() -> None:
    conv = MirroredConv2d(1, 4, 6, 2, lifts=True)
    picture = pairs(1)
    torch.testing.assert_close(conv(picture.flip(3)), mirrored(conv(picture)))


def test_it_has_half_of_the_weights_and_learns_all_of_them() -> None:
    conv = MirroredConv2d(6, 10, 3)
    assert conv.weight.numel() * 2 == conv.whole().numel() == 6 * 10 * 9
    conv(pairs()).square().sum().backward()
    assert conv.weight.grad is not None
    assert (conv.weight.grad != 0).all()


@pytest.mark.parametrize(("into", "out", "kernel", "stride"), [(5, 4, 3, 1), (4, 5, 3, 1), (4, 4, 3, 2), (4, 4, 2, 1)])
def test_what_cannot_commute_is_refused(into: int, out: int, kernel: int, stride: int) -> None:
    with pytest.raises(ValueError, match=r"pairs|evenly"):
        MirroredConv2d(into, out, kernel, stride)


def test_a_norm_commutes_while_it_learns_and_after() -> None:
    norm = MirroredNorm2d(6)
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    y = norm(3 * pairs() + 1)
    torch.testing.assert_close(norm(3 * mirrored(pairs()) + 1), mirrored(y))
    halves = ((y - norm.bias.repeat(2)[:, None, None]) / norm.weight.repeat(2)[:, None, None]).chunk(2, dim=1)
    both = torch.stack(halves, dim=-1)  # of both halves together the mean is 0 and the deviation 1, of one alone not
    torch.testing.assert_close(both.mean((0, 2, 3, 4)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(both.std((0, 2, 3, 4), correction=0), torch.ones(3), atol=1e-3, rtol=0)
    assert halves[0].mean((0, 2, 3)).abs().max() > 1e-3
    norm.eval()
    torch.testing.assert_close(norm(mirrored(pairs())), mirrored(norm(pairs())))


def test_plain_layers_give_the_same() -> None:
    net = torch.nn.Sequential(
        MirroredConv2d(1, 6, 4, 2, lifts=True), MirroredNorm2d(6), torch.nn.Sequential(MirroredConv2d(6, 4, 3))
    )
    for _ in range(3):
        net(2 * pairs(1) + 1)  # the norm learns
    expected = net.eval()(pairs(1))
    again = plain(net)
    assert not any(isinstance(module, MirroredConv2d | MirroredNorm2d) for module in again.modules())
    torch.testing.assert_close(again(pairs(1)), expected)


def test_halves_are_averaged() -> None:
    x = torch.arange(8.0).reshape(1, 4, 1, 2)
    assert both_halves(x).flatten().tolist() == [2, 3, 4, 5]
    torch.testing.assert_close(both_halves(mirrored(x)), both_halves(x).flip(3))
