from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.models.face_net import channels_last, count_parameters, initialise  # noqa: E402


def test_shared_tensors_count_once() -> None:
    layer = torch.nn.Linear(3, 2)
    assert count_parameters(torch.nn.Sequential(layer, layer)) == 8


def test_initialise_gives_unit_norms_and_he_kernels() -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(64, 64, 3), torch.nn.BatchNorm2d(64))
    torch.nn.init.constant_(net[1].weight, 5)
    torch.manual_seed(0)
    initialise(net)
    assert net[1].weight.tolist() == [1.0] * 64
    assert float(net[0].weight.std()) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    assert not net[0].bias.any()


def test_channels_last_keeps_values() -> None:
    x = torch.randn(2, 3, 4, 5)
    y = channels_last(x)
    assert torch.equal(x, y)
    assert y.is_contiguous(memory_format=torch.channels_last)
