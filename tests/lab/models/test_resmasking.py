from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.residual_masking import Masking  # noqa: E402
from mien.lab.models.face_net import FaceNet, count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402

NARROW: dict[str, Any] = {"layers": [1, 1, 1, 1], "stem": 4}


def full(name: str = "resmasking_dropout1", **options: Any) -> FaceNet:
    """The whole network without its numbers."""
    with torch.device("meta"):
        return create(name, [HEAD], channels=3, height=224, width=224, **options).eval()


def narrow(**options: Any) -> FaceNet:
    torch.manual_seed(0)
    return create("resmasking", [HEAD], channels=3, height=64, width=64, **NARROW, **options)


def parameters(net: nn.Module, *names: str) -> int:
    return sum(count_parameters(net.get_submodule(name)) for name in names)


class TestResMasking(ModelContract):
    name = "resmasking"
    parameters = 137_796_423
    options = NARROW
    size = 64
    channels = 3

    def test_parameter_count(self) -> None:
        assert count_parameters(full(self.name)) == self.parameters


class TestResMaskingDropout1(TestResMasking):
    name = "resmasking_dropout1"

    @pytest.mark.slow
    def test_onnx_parity(self, tmp_path: Path) -> None:
        super().test_onnx_parity(tmp_path)

    def test_the_head_drops_two_fifths(self) -> None:
        dropout, linear = full(self.name).fc
        assert (dropout.p, linear.in_features) == (0.4, 512)


def test_modules_hold_what_the_specification_counts() -> None:
    net = full()
    stages = {"layer1": 221_952, "layer2": 1_116_416, "layer3": 6_822_400, "layer4": 13_114_368}
    masks = {"mask1": 32_366_080, "mask2": 31_885_312, "mask3": 29_965_312, "mask4": 22_291_456}
    expected = {"conv1": 9_408, "bn1": 128, **stages, **masks, "fc": 3_591}
    assert {name: parameters(net, name) for name in expected} == expected


def test_shapes_of_the_specification() -> None:
    """Sections 3 and 3.1: every map is 1024 x 7 x 7 at the bottom of its mask."""
    net = full("resmasking")
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, out: Tensor) -> None:
        shapes[name] = tuple(out.shape[1:])

    for name, module in net.named_modules():
        module.register_forward_hook(lambda _, __, out, name=name: note(name, out))
    assert net(torch.zeros(1, 3, 224, 224, device="meta")).shape == (1, 7)
    assert shapes["conv1"] == (64, 112, 112)
    stages = [(64, 56, 56), (128, 28, 28), (256, 14, 14), (512, 7, 7)]
    assert [shapes[f"layer{s}"] for s in (1, 2, 3, 4)] == [shapes[f"mask{s}"] for s in (1, 2, 3, 4)] == stages
    maps = {
        "mask1": [(128, 56), (256, 28), (512, 14), (1024, 7), (512, 14), (256, 28), (128, 56), (64, 56)],
        "mask2": [(256, 28), (512, 14), (1024, 7), (512, 14), (256, 28), (128, 28)],
        "mask3": [(512, 14), (1024, 7), (512, 14), (256, 14)],
        "mask4": [(1024, 7), (512, 7)],
    }
    for mask, wanted in maps.items():
        found = [shapes[f"{mask}.conv{n}"] for n in range(1, len(wanted) + 1)]
        assert found == [(width, side, side) for width, side in wanted]


def test_keys_are_the_checkpoint_s_without_its_aliases() -> None:
    """740 keys of which 120 name a shortcut a second time."""
    norm = r"(weight|bias|running_mean|running_var|num_batches_tracked)"
    conv = rf"(conv[12]\.weight|bn[12]\.{norm}|downsample\.(0\.weight|1\.{norm}))"
    up = rf"up_pool\d\.(0\.(weight|bias)|1\.{norm})"
    grammar = rf"conv1\.weight|bn1\.{norm}|layer[1-4]\.\d\.{conv}|mask[1-4]\.(conv\d\.{conv}|{up})|fc\.1\.(weight|bias)"
    keys = list(full().state_dict())
    assert [key for key in keys if not re.fullmatch(grammar, key)] == []
    aliases = [re.sub(r"conv(\d)\.downsample", r"downsample\1", key) for key in keys if "mask" in key]
    own = [key for key in aliases if re.match(r"mask\d\.downsample", key)]
    count = {mask: sum(key.startswith(mask) for key in keys + own) for mask in ("mask1", "mask2", "mask3", "mask4")}
    assert (len(keys), len(own)) == (620, 120)
    assert count == {"mask1": 213, "mask2": 158, "mask3": 103, "mask4": 48}
    assert [key for key in full("resmasking").state_dict() if key.startswith("fc")] == ["fc.weight", "fc.bias"]


def test_masks_share_one_at_each_place_and_reach_the_feature_map() -> None:
    net = narrow().eval()
    x = torch.randn(2, 3, 64, 64)
    before: dict[str, Tensor] = {}
    for stage in (1, 2, 3, 4):
        layer = net.get_submodule(f"layer{stage}")
        layer.register_forward_hook(lambda _, __, out, stage=stage: before.update({f"mask{stage}": out}))
    with torch.no_grad():
        feature_map = net.features(x)
        masks = {name: net.get_submodule(name).mask(y) for name, y in before.items()}
    for mask in masks.values():
        torch.testing.assert_close(mask.sum(dim=1), torch.ones_like(mask[:, 0]), rtol=0, atol=1e-5)
    torch.testing.assert_close(feature_map, before["mask4"] * (1 + masks["mask4"]))


def test_beginning() -> None:
    """Masks begin as their shortcuts; enlarging convolutions keep torch's own bounds; the trunk's norms are at one."""
    net = narrow()
    masks = [module for module in net.modules() if isinstance(module, Masking)]
    gammas = [m.weight for mask in masks for name, m in mask.named_modules() if name.endswith("bn2")]
    assert len(gammas) == 20
    assert all(torch.count_nonzero(gamma) == 0 for gamma in gammas)
    assert torch.all(net.layer1[0].bn2.weight == 1)
    ups = [module for module in net.modules() if isinstance(module, nn.ConvTranspose2d)]
    assert len(ups) == 6
    for up in ups:
        bound = (up.out_channels * 4) ** -0.5
        assert 0.5 * bound < up.weight.abs().max() <= bound
        assert 0 < up.bias.abs().max() <= bound


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("dropout2", 512 * 128 + 128 + 128 * 7 + 7),
        ("dropout3", 512 * 512 + 512 + 512 * 128 + 128 + 128 * 7 + 7),
        ("dropout4", 512 * 128 + 128 + 128 * 128 + 128 + 128 * 7 + 7),
    ],
)
def test_heads_of_the_other_variants(kind: str, count: int) -> None:
    net = full("resmasking", head=kind)
    if kind == "dropout3":  # its first hidden layer keeps the width
        assert net.fc[0].out_features == 512
    assert parameters(net, "fc") == count
    assert {module.p for module in net.fc if isinstance(module, nn.Dropout)} == {0.5}


def test_the_naive_variant_is_resnet34() -> None:
    assert count_parameters(full("resmasking", gate="none")) == 21_288_263


def test_the_sigmoid_ablation_is_another_network() -> None:
    x = torch.randn(2, 3, 64, 64)
    plain, ablation = narrow().eval(), narrow(gate="sigmoid").eval()
    ablation.load_state_dict(plain.state_dict())
    assert (plain(x) - ablation(x)).abs().max() > 1e-3


def test_on_resnet50_masks_are_four_times_as_wide() -> None:
    net = full("resmasking_dropout1", trunk="resnet50")
    assert [net.get_submodule(f"mask{s}.conv1").conv1.in_channels for s in (1, 2, 3, 4)] == [256, 512, 1024, 2048]
    assert net.fc[1].in_features == 2048


def test_sides_are_multiples_of_32() -> None:
    with pytest.raises(MienError, match=r"48 x 200.*multiples of 32; set input.height = 64 and input.width = 192"):
        create("resmasking", [HEAD], channels=3, height=48, width=200, **NARROW)
    with pytest.raises(MienError, match="a picture of 80 x 64"):
        narrow()(torch.zeros(1, 3, 80, 64))


@pytest.mark.parametrize(("option", "value"), [("head", "dropout5"), ("gate", "tanh"), ("trunk", "resnet18")])
def test_unknown_settings_are_named(option: str, value: str) -> None:
    with pytest.raises(MienError, match=rf"model\.options\.{option} = '{value}'"):
        narrow(**{option: value})
