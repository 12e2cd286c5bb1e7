from __future__ import annotations

from typing import Any

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

from torchvision import models  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.pooling import QUIETER  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.models.torchvision_net import sum_colours  # noqa: E402

SEVEN_CLASSES = {
    "alexnet": 57_032_519,
    "vgg19": 139_598_919,
    "efficientnet_b2": 7_710_857,
    "googlenet": 9_951_413,
    "resnet18": 11_180_103,
    "resnet34": 21_288_263,
    "resnet50": 23_522_375,
    "resnet101": 42_514_503,
    "resnet152": 58_158_151,
    "inception_v3": 24_362_990,
    "densenet121": 6_961_031,
    "densenet201": 18_106_375,
}
LEAST = {"alexnet": 63, "vgg19": 32, "densenet121": 29, "densenet201": 29}
SIDES = {"aux_logits": True, "init_weights": True}
NARROW = {"blocks": [1, 2, 1, 1], "growth": 8, "stem": 16}


class TestResNet(ModelContract):
    name = "resnet18"
    parameters = SEVEN_CLASSES["resnet18"] - 2 * 64 * 49  # one colour, not three
    options = {"layers": [1, 1, 1, 1]}  # noqa: RUF012


@pytest.mark.parametrize("name", SEVEN_CLASSES)
def test_parameters_and_keys_are_torchvisions(name: str) -> None:
    side = 299 if name == "inception_v3" else 224
    with torch.device("meta"):
        net = create(name, [HEAD], channels=3, height=side, width=side)
        theirs = getattr(models, name)(num_classes=7, **(SIDES if name in {"googlenet", "inception_v3"} else {}))
    assert sum(p.numel() for p in net.parameters()) == SEVEN_CLASSES[name]
    shapes = {f"net.{key}": tensor.shape for key, tensor in theirs.state_dict().items()}
    assert {key: tensor.shape for key, tensor in net.state_dict().items()} == shapes


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("resnet50", {"layers": [1, 1, 1, 1], "dropout": 0.5}),
        ("densenet121", NARROW),
        ("efficientnet_b2", {"stochastic_depth": 0.0}),
    ],
)
def test_answers_are_torchvisions(name: str, options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    net = create(name, [HEAD], channels=3, height=32, width=32, **options).eval()
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(net(x), net.net(x))
    answer = net.train().answer(torch.cat([x, x]))
    embedding, logits = answer.embedding.clone(), answer.logits
    logits.square().sum().backward()
    assert [k for k, p in net.named_parameters() if p.grad is None] == []
    assert torch.equal(answer.embedding, embedding)  # dropout does not write into it
    dropout = net.dropout
    again = net.classify(embedding)
    assert torch.equal(again, logits) == (dropout == 0)
    assert len({id(p) for stage in net.stages() for p in stage.parameters()}) == len(list(net.parameters()))


@pytest.mark.parametrize("name", LEAST)
def test_the_least_side_is_named(name: str) -> None:
    least = LEAST[name]
    with torch.device("meta"):
        net = create(name, [HEAD], height=least, width=least + 1).eval()
        assert net(torch.zeros(1, 1, least, least + 1)).shape == (1, 7)
        with pytest.raises(RuntimeError):
            net(torch.zeros(1, 1, least, least - 1))
        with pytest.raises(MienError, match=rf"width = {least - 1}: {name} needs .* at least {least} x {least}$"):
            create(name, [HEAD], height=least, width=least - 1)


@pytest.mark.parametrize("name", ["alexnet", "vgg19"])
def test_hidden_layers_are_the_embedding_and_each_a_stage(name: str) -> None:
    with torch.device("meta"):
        net = create(name, [HEAD], channels=3, height=64, width=64)
        assert net.pool(net.features(torch.zeros(2, 3, 64, 64))).shape == (2, 4096)
    stages = net.stages()
    assert [sum(p.numel() for p in stage.parameters()) for stage in stages[-2:]] == [4097 * 4096, 4097 * 7]
    assert sum(p.numel() for stage in stages for p in stage.parameters()) == SEVEN_CLASSES[name]


def test_hidden_layers_drop_out_while_training_alone() -> None:
    net = create("alexnet", [HEAD], height=64, width=64, dropout=0.5)
    feature_map = torch.rand(1, 256, 1, 1)
    assert not torch.equal(net.pool(feature_map), net.pool(feature_map))
    net.eval()
    assert torch.equal(net.pool(feature_map), net.pool(feature_map))
    torch.testing.assert_close(
        net.classify(net.pool(feature_map)), net.net.classifier(net.net.avgpool(feature_map).flatten(1))
    )


def test_grey_is_the_colour_net_shown_equal_planes() -> None:
    torch.manual_seed(0)
    colour = create("resnet18", [HEAD], channels=3, layers=[1, 1, 1, 1]).eval()
    torch.manual_seed(0)
    grey = create("resnet18", [HEAD], channels=1, layers=[1, 1, 1, 1]).eval()
    x = torch.randn(2, 1, 40, 40)
    torch.testing.assert_close(grey(x), colour(x.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4)
    assert sum_colours(torch.ones(4, 3, 5, 5), 1).unique().tolist() == [3.0]


def test_options_that_do_not_fit_are_named() -> None:
    with pytest.raises(MienError, match=r"model\.options\.layers = \[1, 2\], expected four"):
        create("resnet18", [HEAD], layers=[1, 2])
    with pytest.raises(MienError, match=r"model\.options\.blocks = \[1\], expected four"):
        create("densenet121", [HEAD], blocks=[1])


def test_a_trunk_without_heads() -> None:
    for name in ("resnet18", "efficientnet_b2"):
        with torch.device("meta"):
            net = create(name, [])
            assert net.stages()[-1].weight.shape[0] == 0
            assert net.answer(torch.zeros(2, 1, 48, 48)).logits.shape == (2, 0)


@pytest.mark.parametrize("name", [name for name in SEVEN_CLASSES if name not in {"alexnet", "vgg19"}])
def test_means_stand_beside_maxima_in_a_wider_head(name: str) -> None:
    with torch.device("meta"):
        options = {"sides": False} if name == "inception_v3" else {}
        plain, wide = (create(name, [HEAD], height=96, width=96, pool=pool, **options) for pool in ("avg", "concat"))
        embedding = wide.eval().pool(wide.features(torch.zeros(1, 1, 96, 96)))
        assert wide.classify(embedding).shape == (1, 7)
    width = plain.stages()[-1].weight.shape[1]
    assert embedding.shape == (1, 2 * width)
    grown = sum(p.numel() for p in wide.parameters()) - sum(p.numel() for p in plain.parameters())
    assert grown == 7 * width


def test_a_wider_head_begins_as_any_and_takes_a_trunk_without_heads() -> None:
    net = create("resnet18", [HEAD], pool="concat", layers=[1, 1, 1, 1])
    weights, bound = net.stages()[-1].weight.detach().abs(), 1 / 1024**0.5
    assert 0.9 * bound < weights[:, :512].max() <= bound
    assert weights[:, 512:].max() == pytest.approx(QUIETER * bound, rel=0.1)
    assert create("resnet18", [], pool="concat").stages()[-1].weight.shape == (0, 1024)
    with pytest.raises(MienError, match=r"model\.options\.pool = 'sum'"):
        create("resnet18", [HEAD], pool="sum")
