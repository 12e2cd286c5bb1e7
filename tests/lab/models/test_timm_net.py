from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

import timm  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.models.registry import create, names  # noqa: E402


class TestTransformer(ModelContract):
    name = "timm/test_vit"
    parameters = 268_551
    size = 64
    options = {"depth": 2}  # noqa: RUF012

    @pytest.mark.slow
    def test_onnx_parity(self, tmp_path: Path) -> None:
        super().test_onnx_parity(tmp_path)


@pytest.mark.parametrize(
    ("model", "options", "stages"),
    [
        ("test_resnet", {}, 6),  # maps, channels first
        ("test_convnext", {}, 6),  # a norm inside the head
        ("swin_tiny_patch4_window7_224", {"embed_dim": 24, "depths": (1, 1, 1, 1)}, 6),  # maps, channels last
        ("mobilenetv3_small_050", {}, 8),  # a layer between pooling and head
        ("resnetv2_18", {}, 6),  # a 1x1 convolution as head
        ("mixer_s32_224", {}, 10),  # tokens, none of them the class's
    ],
)
def test_families(model: str, options: dict[str, Any], stages: int) -> None:
    torch.manual_seed(0)
    net = create(f"timm/{model}", [HEAD], height=64, width=96, **options)
    theirs = timm.create_model(model, **net.created)
    shapes = {f"net.{key}": tensor.shape for key, tensor in theirs.state_dict().items()}
    assert {key: tensor.shape for key, tensor in net.state_dict().items()} == shapes
    x = torch.randn(2, 1, 64, 96)
    feature_map = net.features(x)
    assert feature_map.shape[3] / feature_map.shape[2] == 1.5
    torch.testing.assert_close(net.eval()(x), net.net(x))
    net.train()(x).square().sum().backward()
    assert [k for k, p in net.named_parameters() if p.grad is None] == []
    assert len(net.stages()) == stages
    assert sorted(id(p) for s in net.stages() for p in s.parameters()) == sorted(id(p) for p in net.parameters())


def test_the_class_token_attends_and_does_not_answer() -> None:
    net = create("timm/test_vit", [HEAD], channels=3, height=32, width=32, depth=2)
    assert net.created["global_pool"] == "avg"
    assert "net.cls_token" in net.state_dict()
    feature_map = net.eval().features(torch.randn(2, 3, 32, 32))
    torch.testing.assert_close(net.pool(feature_map), feature_map.mean((2, 3)), rtol=1e-3, atol=1e-5)
    with pytest.raises(MienError, match="timm/test_vit answers from more than its feature map"):
        create("timm/test_vit", [HEAD], height=32, width=32, depth=1, global_pool="token")


def test_a_family_stands_for_its_members() -> None:
    assert not [name for name in names() if name.startswith("timm/")]


@pytest.mark.parametrize(
    ("model", "options", "error"),
    [
        ("test_resnt", {}, r"unknown architecture 'timm/test_resnt'; did you mean timm/test_resnet"),
        ("xyzzyx", {}, r"unknown architecture 'timm/xyzzyx'; see timm.list_models"),
        ("test_resnet", {"breadth": 3}, r"model\.options of timm/test_resnet: .*breadth"),
        ("test_vit", {"breadth": 3}, r"model\.options of timm/test_vit: .*breadth"),
        ("test_vit", {"pretrained": True}, r"model\.options\.pretrained: set by the recipe's model\.weights"),
        ("levit_128s", {}, r"timm/levit_128s does not answer through one linear layer"),
    ],
)
def test_what_does_not_fit_is_named(model: str, options: dict[str, Any], error: str) -> None:
    with torch.device("meta"), pytest.raises(MienError, match=error) as raised:
        create(f"timm/{model}", [HEAD], height=224, width=224, **options)
    assert "\n" not in str(raised.value)


def test_pictures_that_do_not_fit_are_named() -> None:
    with torch.device("meta"), pytest.raises(MienError, match="crossvit_tiny_240 makes more than one feature map"):
        create("timm/crossvit_tiny_240", [HEAD], height=240, width=240)
    with pytest.raises(MienError, match=r"timm/xcit_nano_12_p16_224 with pictures of 40 x 41"):
        create("timm/xcit_nano_12_p16_224", [HEAD], height=40, width=41)


@pytest.mark.parametrize(("pool", "width"), [("max", 96), ("concat", 192)])
def test_pooling_is_timms_under_our_name(pool: str, width: int) -> None:
    net = create("timm/test_resnet", [HEAD], height=64, width=64, pool=pool).eval()
    feature_map = net.features(torch.randn(2, 1, 64, 64))
    assert net.pool(feature_map).shape == (2, width)
    torch.testing.assert_close(net.pool(feature_map)[:, -96:], feature_map.amax((2, 3)))


@pytest.mark.parametrize(
    ("model", "options", "error"),
    [
        ("test_resnet", {"pool": "sum"}, r"model\.options\.pool = 'sum', expected avg, max or concat"),
        ("test_resnet", {"pool": "max", "global_pool": "avg"}, "mean the same; leave one out"),
        ("test_vit", {"pool": "concat"}, "timm/test_vit with pictures of 64 x 64: .*pooling"),
    ],
)
def test_pooling_that_does_not_fit_is_named(model: str, options: dict[str, Any], error: str) -> None:
    with pytest.raises(MienError, match=error):
        create(f"timm/{model}", [HEAD], height=64, width=64, **options)


def test_a_small_picture_is_enlarged_inside() -> None:
    torch.manual_seed(0)
    net = create("timm/test_resnet", [HEAD], height=48, width=48, enlarge=2).eval()
    x = torch.rand(2, 1, 48, 48)
    large = torch.nn.functional.interpolate(x, size=(96, 96), mode="bilinear", antialias=False)
    with torch.no_grad():
        torch.testing.assert_close(net(x), net.net(large))
        assert net.features(x).shape[2:] == net.net.forward_features(large).shape[2:]
    torch.manual_seed(0)
    plain = create("timm/test_resnet", [HEAD], height=96, width=96)
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), plain.state_dict().values(), strict=True))


@pytest.mark.parametrize("enlarge", [0, 1.5, "2"])
def test_a_picture_is_enlarged_by_a_whole_number(enlarge: Any) -> None:
    with pytest.raises(MienError, match=r"model.options.enlarge = .*: a whole number"):
        create("timm/test_resnet", [HEAD], height=48, width=48, enlarge=enlarge)


class TestEnlarged(ModelContract):
    name = "timm/test_resnet"
    parameters = 373_079
    size = 48
    options = {"enlarge": 2}  # noqa: RUF012
