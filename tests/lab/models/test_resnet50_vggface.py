from __future__ import annotations

import pytest
from tests.contracts.model import HEAD

torch = pytest.importorskip("torch")

from mien.lab.models.registry import create  # noqa: E402


def test_keys_are_those_of_the_known_conversion() -> None:
    with torch.device("meta"):
        shapes = {k: tuple(v.shape) for k, v in create("resnet50_vggface", [HEAD], channels=3).state_dict().items()}
    assert shapes["conv1_7x7_s2.weight"] == (64, 3, 7, 7)
    assert shapes["conv1_7x7_s2_bn.running_mean"] == (64,)
    assert shapes["conv2_1_1x1_reduce.weight"] == (64, 64, 1, 1)
    assert shapes["conv4_6_3x3_bn.weight"] == (256,)
    assert shapes["conv5_1_1x1_proj.weight"] == (2048, 1024, 1, 1)
    assert shapes["classifier.weight"] == (7, 2048, 1, 1)
    assert not [k for k in shapes if "proj" in k and "_1_1x1_proj" not in k]


def test_maps_at_224_are_caffes() -> None:
    """Caffe's pooling without padding rounds up: 112 -> 56; the last map is the 7 x 7 that the original pools."""
    with torch.device("meta"):
        net = create("resnet50_vggface", [HEAD], channels=3).eval()
        assert net.features(torch.zeros(1, 3, 224, 224)).shape == (1, 2048, 7, 7)
        net.get_submodule("conv3_1_3x3").register_forward_hook(lambda m, i, o: sizes.append(i[0].shape[2]))
        sizes: list[int] = []
        net(torch.zeros(1, 3, 224, 224))
    assert sizes == [28]  # the stride stands before the 3 x 3
    assert len(net.stages()) == 6


def test_backward_reaches_every_parameter_and_the_mean_is_the_pool() -> None:
    torch.manual_seed(0)
    net = create("resnet50_vggface", [HEAD], height=40, width=40)
    net(torch.randn(2, 1, 40, 40)).square().sum().backward()
    assert [k for k, p in net.named_parameters() if p.grad is None] == []
    feature_map = torch.randn(2, 2048, 7, 7)
    torch.testing.assert_close(net.pool(feature_map), torch.nn.functional.avg_pool2d(feature_map, 7).flatten(1))
