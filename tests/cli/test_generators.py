from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.runtime.generators import tiny_generator

from mien.cli.generators import open_generator
from mien.errors import MienError
from mien.model_spec import ModelSpec
from mien.runtime import catalog


def test_an_onnx_file(tmp_path: Path) -> None:
    file = tiny_generator(tmp_path / "g.onnx")
    assert open_generator(str(file), threads=1).path == file


def test_a_run_is_exported_first(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from mien.lab.gan.generator import ganmut_linear
    from mien.lab.train.checkpoint import save_weights

    options = {"conv_dim": 4, "blocks": 1}
    spec = ModelSpec("faces", "ganmut_linear", (), 16, 16, architecture_options=options)
    net = ganmut_linear(channels=1, **options).eval()
    save_weights(net, spec, tmp_path / "final.safetensors")
    editor = open_generator(str(tmp_path), threads=1)
    assert (editor.name, len(editor.sha256)) == ("faces", 64)
    crops, code = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 1), dtype=np.uint8), editor.space.code("fear")
    with torch.no_grad():
        made = net(torch.from_numpy(crops[..., 0])[None].float() / 127.5 - 1, torch.from_numpy(code)[None])
    assert np.abs(editor.edit(crops, code)[..., 0] - (made[0].numpy() + 1) * 127.5).max() < 0.51


def test_what_is_no_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "DEFAULT_GENERATOR", "none")
    for given, words in (
        ("", r"--model; train one with recipes/ganmut/.*mien models pull"),
        ("small", "small is no generator of faces"),
        (str(tmp_path / "absent.safetensors"), "no such file"),
        (str(tmp_path / "absent.onnx"), "no such model file"),
    ):
        with pytest.raises(MienError, match=words):
            open_generator(given)


def test_a_default_takes_the_place_of_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    (tmp_path / "generators").mkdir()
    file = tiny_generator(tmp_path / "generators" / f"{catalog.DEFAULT_GENERATOR}.onnx")
    assert open_generator("", threads=1).path == file
