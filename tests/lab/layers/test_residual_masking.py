from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.residual_blocks import BasicBlock  # noqa: E402
from mien.lab.layers.residual_masking import Masking  # noqa: E402


def masking(channels: int, depth: int, gate: str = "softmax") -> Masking:
    torch.manual_seed(0)
    return Masking(channels, depth, gate).eval()


def test_depth_two_step_by_step() -> None:
    """Two maps down, one up, the enlarged one before the one kept, as section 3.1 of the specification says."""
    block = masking(3, 2)
    x = torch.randn(2, 3, 6, 4)
    first = block["conv1"](x)
    second = block["conv2"](F.max_pool2d(first, 2))
    transposed, norm, _ = block["up_pool3"]
    larger = F.relu(norm(transposed(second)))
    both = block["conv3"](torch.cat([larger, first], dim=1))
    expected = block["conv4"](both).softmax(dim=1)
    torch.testing.assert_close(block.mask(x), expected)
    torch.testing.assert_close(block(x), x * (1 + expected))


@pytest.mark.parametrize(("depth", "convolutions", "ups"), [(1, 2, []), (2, 4, [3]), (3, 6, [4, 5]), (4, 8, [5, 6, 7])])
def test_names_are_the_checkpoints(depth: int, convolutions: int, ups: list[int]) -> None:
    names = {f"conv{n}" for n in range(1, convolutions + 1)} | {f"up_pool{n}" for n in ups}
    assert {name for name, _ in masking(2, depth).named_children()} == names


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_softmax_gives_each_place_one_to_share(depth: int) -> None:
    mask = masking(4, depth).mask(torch.randn(2, 4, 16, 8))
    assert mask.shape == (2, 4, 16, 8)
    assert mask.min() >= 0
    torch.testing.assert_close(mask.sum(dim=1), torch.ones(2, 16, 8), rtol=0, atol=1e-5)


def test_sigmoid_weighs_instead_of_adding() -> None:
    block = masking(3, 1, "sigmoid")
    x = torch.randn(2, 3, 5, 5)
    mask = block["conv2"](block["conv1"](x)).sigmoid()
    torch.testing.assert_close(block(x), x * mask)


def test_blocks_start_as_their_shortcuts() -> None:
    block = masking(3, 2)
    block.start_as_shortcuts()
    x = torch.randn(2, 3, 4, 4)
    for name in ("conv1", "conv4"):
        part = block[name]
        assert isinstance(part, BasicBlock)
        y = x if name == "conv1" else torch.randn(2, 6, 4, 4)
        torch.testing.assert_close(part(y), part.downsample(y).relu())


def test_enlarging_has_a_bias_and_the_checkpoints_order_of_channels() -> None:
    up = masking(3, 2)["up_pool3"]
    assert isinstance(up[0], nn.ConvTranspose2d)
    assert up[0].weight.shape == (12, 6, 2, 2)
    assert up[0].bias.shape == (6,)


def test_unknown_gate_is_named() -> None:
    with pytest.raises(MienError, match=r"model\.options\.gate = 'tanh', expected softmax or sigmoid"):
        Masking(4, 1, "tanh")
