from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.layers.cbam import CBAM  # noqa: E402


@pytest.mark.parametrize(("channels", "parameters"), [(64, 680), (128, 2_284), (256, 8_564), (512, 33_412)])
def test_parameters_are_opendr_s(channels: int, parameters: int) -> None:
    assert sum(p.numel() for p in CBAM(channels).parameters()) == parameters


def test_keys_are_those_of_the_published_files() -> None:
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    assert set(CBAM(32).state_dict()) == {
        *(f"ChannelGate.mlp.{layer}.{kind}" for layer in (1, 3) for kind in ("weight", "bias")),
        "SpatialGate.spatial.conv.weight",
        *(f"SpatialGate.spatial.bn.{kind}" for kind in norm),
    }


def test_gates_by_hand() -> None:
    """Equations 2 and 3 of the paper, written out with the framework's pooling."""
    torch.manual_seed(0)
    layer = CBAM(8, reduction=4).eval()
    x = torch.randn(2, 8, 5, 7)
    out, channel, spatial = layer.gates(x)
    _, first, _, second = layer.ChannelGate.mlp
    pooled = torch.nn.functional.adaptive_avg_pool2d(x, 1), torch.nn.functional.adaptive_max_pool2d(x, 1)
    expected = sum(second(first(p.flatten(1)).relu()) for p in pooled).sigmoid()
    torch.testing.assert_close(channel, expected)
    weighed = x * expected.view(2, 8, 1, 1)
    pair = torch.stack([weighed.max(1).values, weighed.mean(1)], 1)  # maximum first
    places = torch.nn.functional.conv2d(pair, layer.SpatialGate.spatial.conv.weight, padding=3) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(spatial, places.sigmoid())
    torch.testing.assert_close(out, weighed * spatial)
    torch.testing.assert_close(layer(x), out)


def test_momentum_is_an_argument() -> None:
    assert CBAM(16).SpatialGate.spatial.bn.momentum == 0.1
    assert CBAM(16, momentum=0.01).SpatialGate.spatial.bn.momentum == 0.01


def test_runs_in_bf16() -> None:
    layer = CBAM(16).eval()
    x = torch.randn(2, 16, 6, 6)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        rounded = layer(x).float()
    with torch.no_grad():
        torch.testing.assert_close(rounded, layer(x), rtol=0.03, atol=0.03)
