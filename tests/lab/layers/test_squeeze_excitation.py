from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.layers.squeeze_excitation import SqueezeExcitation  # noqa: E402


def test_gates_are_per_channel_and_at_most_one() -> None:
    torch.manual_seed(0)
    layer = SqueezeExcitation(16, reduction=4)
    x = torch.rand(2, 16, 5, 5) + 0.1
    gate = layer(x) / x
    assert gate.min() > 0
    assert gate.max() < 1
    torch.testing.assert_close(gate, gate[:, :, :1, :1].expand_as(gate))
