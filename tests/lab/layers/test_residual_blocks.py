from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mien.lab.layers.residual_blocks import BasicBlock, Bottleneck  # noqa: E402


@pytest.mark.parametrize(("block", "out"), [(BasicBlock, 6), (Bottleneck, 24)])
def test_stride_halves_and_expansion_widens(block: type[nn.Module], out: int) -> None:
    assert block(4, 6, stride=2)(torch.randn(2, 4, 8, 8)).shape == (2, out, 4, 4)


def test_a_shortcut_is_projected_where_the_shape_changes_alone() -> None:
    assert BasicBlock(6, 6).downsample is None
    assert BasicBlock(4, 6).downsample is not None
    assert BasicBlock(6, 6, stride=2).downsample is not None
    assert Bottleneck(24, 6).downsample is None


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_attention_sees_the_body_and_not_the_shortcut(block: type[nn.Module]) -> None:
    """An attention that lets nothing through leaves the shortcut, rectified."""

    class Nothing(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            assert channels == 8

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 0 * x

    net = block(8, 8 // block.expansion, 1, Nothing).eval()
    x = torch.randn(2, 8, 4, 4)
    torch.testing.assert_close(net(x), x.relu())
