from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.model import HEAD

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402
from torchvision import models  # noqa: E402
from torchvision.models import ResNet18_Weights, WeightsEnum  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.models.face_net import FaceNet  # noqa: E402
from mien.lab.models.pretrained import TRUNKS, start_from_published  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402

NARROW: dict[str, Any] = {"layers": [1, 1, 1, 1]}


def net(channels: int = 3, seed: int = 0) -> FaceNet:
    torch.manual_seed(seed)
    return create("resnet18", [HEAD], channels=channels, **NARROW)


def published(classes: int = 1000) -> dict[str, torch.Tensor]:
    """Weights with torchvision's keys."""
    own = {k.removeprefix("net."): v.clone() for k, v in net(seed=5).state_dict().items()}
    return own | {"fc.weight": torch.ones(classes, 512), "fc.bias": torch.ones(classes)}


def test_a_file_fills_the_trunk_and_leaves_a_head_of_another_width(tmp_path: Path) -> None:
    torch.save(published(), tmp_path / "w.pth")
    mine = net()
    before = mine.net.fc.weight.clone()
    assert start_from_published(mine, "resnet18", str(tmp_path / "w.pth")) == ["net.fc.weight", "net.fc.bias"]
    assert torch.equal(mine.net.layer1[0].conv1.weight, published()["layer1.0.conv1.weight"])
    assert torch.equal(mine.net.fc.weight, before)


def test_a_head_of_the_same_width_is_taken_from_a_file_and_safetensors_are_read(tmp_path: Path) -> None:
    save_file(published(7), tmp_path / "w.safetensors")
    mine = net()
    assert start_from_published(mine, "resnet18", str(tmp_path / "w.safetensors")) == []
    assert mine.net.fc.weight.unique().tolist() == [1.0]


def test_a_run_of_the_same_network_fits_as_it_is(tmp_path: Path) -> None:
    run = net(seed=5).state_dict()
    save_file(run, tmp_path / "final.safetensors")
    mine = net()
    assert start_from_published(mine, "resnet18", str(tmp_path / "final.safetensors")) == []
    assert all(torch.equal(tensor, run[key]) for key, tensor in mine.state_dict().items())


def test_grey_sums_the_first_kernels(tmp_path: Path) -> None:
    torch.save(published(), tmp_path / "w.pth")
    grey = net(channels=1)
    start_from_published(grey, "resnet18", str(tmp_path / "w.pth"))
    torch.testing.assert_close(grey.net.conv1.weight, published()["conv1.weight"].sum(1, keepdim=True))


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    file = tmp_path / "w.pth"
    for change, error in (
        ({"layer9.weight": torch.ones(1)}, "holds net.layer9.weight, which this network lacks"),
        ({"bn1.weight": torch.ones(3)}, r"net.bn1.weight is \(3,\), this network's is \(64,\)"),
        ({"bn1.weight": None}, "lacks net.bn1.weight"),
    ):
        torch.save({k: v for k, v in (published() | change).items() if v is not None}, file)
        with pytest.raises(MienError, match=error):
            start_from_published(net(), "resnet18", str(file))
    file.write_bytes(b"no weights")
    with pytest.raises(MienError, match=r"w\.pth: not a whole file of weights"):
        start_from_published(net(), "resnet18", str(file))
    with pytest.raises(MienError, match=r"absent\.pth': no such file"):
        start_from_published(net(), "resnet18", str(tmp_path / "absent.pth"))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """torchvision's file of resnet18, on this machine: `put(tensors, name)` serves it."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))

    def put(tensors: dict[str, torch.Tensor] | None, prefix: str = "") -> str:
        name = f"resnet18-{prefix or '00000000'}.pth"
        if tensors is not None:
            torch.save(tensors, folder / "w")
            digest = prefix or hashlib.sha256((folder / "w").read_bytes()).hexdigest()[:8]
            name = f"resnet18-{digest}.pth"
            (folder / "w").rename(folder / name)
        value = replace(ResNet18_Weights.IMAGENET1K_V1.value, url=f"http://127.0.0.1:{server.server_port}/{name}")
        monkeypatch.setattr(ResNet18_Weights.IMAGENET1K_V1, "_value_", value)
        return name

    yield put
    server.shutdown()
    server.server_close()


def test_imagenet_comes_from_torchvisions_url(served: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = served(published(7))
    mine = net()
    assert start_from_published(mine, "resnet18", "imagenet") == ["net.fc.weight", "net.fc.bias"]  # even of this width
    assert torch.equal(mine.net.layer1[0].conv1.weight, published()["layer1.0.conv1.weight"])
    assert (tmp_path / "hub" / "checkpoints" / name).exists()
    assert capsys.readouterr().out == ""


def test_a_file_with_another_hash_and_one_that_is_not_there_are_refused(served: Any) -> None:
    for tensors, prefix in ((published(), "deadbeef"), (None, "")):
        name = served(tensors, prefix)
        with pytest.raises(MienError, match=rf"http://127\S*/{name} cannot be had .*checkpoints/{name}, or set") as e:
            start_from_published(net(), "resnet18", "imagenet")
        assert "\n" not in str(e.value)


def test_a_network_without_published_weights_says_so() -> None:
    small = create("small", [HEAD], widths=[8, 8, 8], depths=[1, 1, 1], stem=4)
    with pytest.raises(MienError, match="none are published for small"):
        start_from_published(small, "small", "imagenet")


def test_timms_own_loader_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import timm

    mine = create("timm/test_resnet", [HEAD], height=64, width=64)
    real, asked = timm.create_model, []

    def create_model(name: str, *, pretrained: bool, **options: Any) -> Any:
        asked.append(pretrained)
        if len(asked) > 1:
            raise OSError("no\nnetwork")
        torch.manual_seed(9)
        return real(name, **options)

    monkeypatch.setattr(timm, "create_model", create_model)
    assert start_from_published(mine, "timm/test_resnet", "imagenet") == ["net.fc.weight", "net.fc.bias"]
    torch.manual_seed(9)
    theirs = real("test_resnet", num_classes=7, in_chans=1)
    assert torch.equal(mine.net.layer1[0].conv2.weight, theirs.layer1[0].conv2.weight)
    with pytest.raises(MienError, match=r"timm's weights of test_resnet .* cannot be had \(no network\)"):
        start_from_published(mine, "timm/test_resnet", "imagenet")
    assert asked == [True, True]


def test_old_densenet_keys_are_read(tmp_path: Path) -> None:
    options = {"blocks": [1, 1, 1, 1], "growth": 8, "stem": 16}
    mine = create("densenet121", [HEAD], channels=3, **options)
    old = {k.removeprefix("net."): torch.ones_like(v) for k, v in mine.state_dict().items()}
    for part in ("norm1", "conv1", "norm2", "conv2"):
        old = {k.replace(f"1.{part}.", f"1.{part[:4]}.{part[4]}."): v for k, v in old.items()}
    assert any(".norm.1." in key for key in old)
    torch.save(old, tmp_path / "w.pth")
    start_from_published(mine, "densenet121", str(tmp_path / "w.pth"))
    assert mine.net.features.denseblock1.denselayer1.conv2.weight.unique().tolist() == [1.0]


@pytest.mark.parametrize("name", TRUNKS)
def test_attention_stands_on_torchvisions_trunk(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    theirs = getattr(models, TRUNKS[name])().state_dict()
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda *_, **__: theirs)
    mine = create(name, [HEAD], channels=3, height=32, width=32)
    fresh = start_from_published(mine, name, "imagenet")
    own = mine.state_dict()
    assert all(torch.equal(own[key], tensor) for key, tensor in theirs.items() if not key.startswith("fc."))
    assert set(fresh) == set(own) - {key for key in theirs if not key.startswith("fc.")}
