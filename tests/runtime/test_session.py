from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.runtime.generators import tiny_generator

from mien.errors import MienError
from mien.model_spec import Head
from mien.runtime import catalog
from mien.runtime.session import OnnxModel, spec_of_file

TinyModel = Callable[..., Path]


def test_runs_batches_of_any_size(tiny_model: TinyModel) -> None:
    model = OnnxModel(tiny_model(), threads=1)
    for n in (0, 1, 5):
        logits, embedding, feature_map, branch_logits = model.run(np.full((n, 48, 48, 1), 255, np.uint8))
        assert branch_logits is None
        assert logits.shape == (n, 8)
        assert embedding.shape == (n, 4)
        assert feature_map.shape == (n, 2, 3, 3)
        assert (logits.argmax(axis=1) == 7).all()


def test_holds_the_spec(tiny_model: TinyModel) -> None:
    assert OnnxModel(tiny_model(colour="rgb", height=64, width=64)).spec.channels == 3


def test_refuses_crops_of_another_shape(tiny_model: TinyModel) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        OnnxModel(tiny_model()).run(np.zeros((1, 48, 48, 3), np.uint8))


def test_one_line_errors_name_the_file_and_the_remedy(tiny_model: TinyModel, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not an onnx file" * 9)
    cases = {
        tmp_path / "absent.onnx": "no such model file",
        broken: "not an ONNX file",
        tiny_model("bare", with_spec=False): "no ModelSpec",
    }
    for path, words in cases.items():
        with pytest.raises(MienError, match=words) as caught:
            OnnxModel(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_branches_that_were_promised_are_looked_for(tiny_model: TinyModel) -> None:
    with pytest.raises(MienError, match="no output `branch_logits`; export the model again"):
        OnnxModel(tiny_model(branches=3))


def test_refuses_a_file_that_breaks_its_own_promises(tiny_model: TinyModel, tmp_path: Path) -> None:
    import onnx
    from onnx import helper

    from mien.model_spec import METADATA_KEY

    path = tiny_model()
    model = onnx.load(path)
    spec = OnnxModel(path).spec
    for lie, words in (
        (spec.replace(height=64), "crops of"),
        (spec.replace(heads=(Head("emotion", "emotion", ("anger",), "x"),)), "logits"),
    ):
        helper.set_model_props(model, {METADATA_KEY: lie.to_json()})
        onnx.save(model, tmp_path / "lie.onnx")
        with pytest.raises(MienError, match=words):
            OnnxModel(tmp_path / "lie.onnx")


def test_a_generator_answers_nothing_but_says_what_it_is(tmp_path: Path) -> None:
    file = tiny_generator(tmp_path / "g.onnx")
    with pytest.raises(MienError, match="a generator, which changes faces and says nothing of them; see `mien edit`"):
        OnnxModel(file)
    assert spec_of_file(file).space["kind"] == "linear"
    assert spec_of_file(catalog.find("small")).name == "small"
