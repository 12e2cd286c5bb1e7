from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tests.contracts.model import HEAD  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.models.face_net import FaceNet  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.lab.train.start import start_from  # noqa: E402
from mien.labels import EMOTIONS  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402

TINY: dict[str, Any] = {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4}
EIGHT = Head("emotion", "emotion", EMOTIONS, "ferplus")


def saved(folder: Path, name: str = "small", heads: tuple[Head, ...] = (HEAD,), **options: Any) -> FaceNet:
    torch.manual_seed(1)
    net = create(name, heads, **options)
    save_weights(net, ModelSpec("a", name, heads, 48, 48, architecture_options=options), folder / "final.safetensors")
    return net


def fresh(heads: tuple[Head, ...] = (HEAD,), **options: Any) -> FaceNet:
    torch.manual_seed(2)
    return create("small", heads, **(TINY | options))


def test_the_same_heads_are_taken_with_the_trunk(tmp_path: Path) -> None:
    source, net = saved(tmp_path, **TINY), fresh()
    assert start_from(net, (HEAD,), str(tmp_path)) == []
    assert all(torch.equal(v, source.state_dict()[k]) for k, v in net.state_dict().items())


@pytest.mark.parametrize("trained", [(HEAD,), ()], ids=["seven classes", "a trunk alone"])
def test_other_labels_get_a_fresh_head(tmp_path: Path, trained: tuple[Head, ...]) -> None:
    source, net = saved(tmp_path, heads=trained, **TINY), fresh((EIGHT,))
    head = net.state_dict()["head.weight"].clone()
    assert start_from(net, (EIGHT,), str(tmp_path)) == ["head.bias", "head.weight"]
    own = net.state_dict()
    assert torch.equal(own["head.weight"], head)
    assert own["head.weight"].shape == (8, 8)
    assert all(torch.equal(own[k], v) for k, v in source.state_dict().items() if not k.startswith("head."))


def test_side_heads_say_what_the_heads_say(tmp_path: Path) -> None:
    source, net = saved(tmp_path, "googlenet"), create("googlenet", (EIGHT,))
    left = start_from(net, (EIGHT,), str(tmp_path))
    assert {"net.fc.weight", "net.aux1.fc2.weight"} <= set(left)
    own = net.state_dict()
    assert all(torch.equal(own[key], tensor) for key, tensor in source.state_dict().items() if key not in left)


def test_labels_in_another_order_are_other_labels(tmp_path: Path) -> None:
    saved(tmp_path, **TINY)
    turned = (Head("emotion", "emotion", HEAD.labels[::-1], "fer2013"),)
    assert start_from(fresh(turned), turned, str(tmp_path)) == ["head.bias", "head.weight"]


def test_what_does_not_fit_names_the_key(tmp_path: Path) -> None:
    saved(tmp_path, "oshea")
    with pytest.raises(MienError, match=r"final\.safetensors lacks stem\.0\.0\.weight; it holds oshea"):
        start_from(fresh(), (HEAD,), str(tmp_path))
    saved(tmp_path, **(TINY | {"widths": [8, 8, 16]}))
    with pytest.raises(MienError, match=r"blocks\.2\.first\.0\.weight is \(16, 8, 3, 3\), this recipe's is \(8, 8"):
        start_from(fresh(), (HEAD,), str(tmp_path))
    with pytest.raises(MienError, match="no weights in it"):
        start_from(fresh(), (HEAD,), str(tmp_path.parent))


def test_a_deeper_net_is_not_taken_in_part(tmp_path: Path) -> None:
    saved(tmp_path, **(TINY | {"depths": [1, 1, 2]}))
    with pytest.raises(MienError, match=r"holds blocks\.3\.first\.0\.weight, which this network lacks"):
        start_from(fresh(), (HEAD,), str(tmp_path))
