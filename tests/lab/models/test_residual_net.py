from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torchvision.models import resnet  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.residual_blocks import BasicBlock, Bottleneck  # noqa: E402
from mien.lab.models.residual_net import ResidualNet  # noqa: E402


@pytest.mark.parametrize(("ours", "theirs"), [(BasicBlock, resnet.BasicBlock), (Bottleneck, resnet.Bottleneck)])
def test_torchvision_s_weights_fit_and_say_the_same(ours: type, theirs: type) -> None:
    torch.manual_seed(0)
    reference = resnet.ResNet(theirs, [1, 2, 1, 1], num_classes=7).eval()
    net = ResidualNet(7, 3, ours, [1, 2, 1, 1]).eval()
    net.load_state_dict(reference.state_dict())
    x = torch.randn(2, 3, 45, 64)
    torch.testing.assert_close(net(x), reference(x))


def test_stages_are_four() -> None:
    with pytest.raises(MienError, match=r"model\.options\.layers = \[1, 1\], expected 4"):
        ResidualNet(7, 3, BasicBlock, [1, 1])


def test_means_stand_beside_maxima() -> None:
    torch.manual_seed(0)
    net = ResidualNet(7, 1, BasicBlock, [1, 1, 1, 1], 4, pool="concat").eval()
    feature_map = net.features(torch.randn(2, 1, 64, 64))
    torch.testing.assert_close(net.pool(feature_map)[:, 32:], feature_map.amax((2, 3)))
    assert net.fc.weight.shape == (7, 64)
    with pytest.raises(MienError, match=r"model\.options\.pool"):
        ResidualNet(7, 1, BasicBlock, [1, 1, 1, 1], 4, pool="sum")
