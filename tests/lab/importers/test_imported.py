from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.importers.imported import Imported, Options, write  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.predict import load_net  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402


def test_what_is_written_can_be_opened_and_says_where_it_comes_from(tmp_path: Path) -> None:
    source = tmp_path / "weights.pt"
    source.write_bytes(b"abc")
    heads = (Head("emotion", "emotion", SEVEN, "fer2013"),)
    net = create("oshea", heads)
    spec = ModelSpec("", "oshea", heads, 48, 48, training={"data": "secret faces"})
    written = write(Imported(net, spec), [source], tmp_path / "a" / "m.safetensors", "mine", "none", "a page")
    again, read = load_net(tmp_path / "a" / "m.safetensors")
    assert read == written
    assert (read.name, read.licence, read.parameters) == ("mine", "none", 184_110)
    assert (read.embedding, read.feature_map) == (70, (36, 7, 7))
    assert read.training["imported_from"] == {"weights.pt": hashlib.sha256(b"abc").hexdigest()}
    assert (read.training["source"], read.training["data"]) == ("a page", "secret faces")
    x = torch.rand(2, 1, 48, 48)
    assert torch.equal(net.eval()(x), again(x))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(channel_order="gbr"), "--channel-order gbr: expected bgr or rgb"),
        (Options(statistics="all"), "--statistics all: expected running or batch"),
        (Options(combine="max"), "--combine max: expected mean or vote"),
    ],
)
def test_options_are_checked(options: Options, words: str) -> None:
    Options("rgb", "batch", "vote", "vemo").check()
    with pytest.raises(MienError, match=words):
        options.check()
