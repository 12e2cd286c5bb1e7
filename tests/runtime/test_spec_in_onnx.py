from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from mien.errors import MienError
from mien.model_spec import METADATA_KEY
from mien.runtime.session import OnnxModel
from mien.runtime.spec_in_onnx import with_spec, write_spec

TinyModel = Callable[..., Path]


def props(model: onnx.ModelProto) -> dict[str, str]:
    return {pair.key: pair.value for pair in model.metadata_props}


def test_only_the_spec_changes_and_answers_stay_to_the_bit(tiny_model: TinyModel, tmp_path: Path) -> None:
    path = tiny_model()
    before, model = onnx.load(path), OnnxModel(path)
    helper.set_model_props(before, {"author": "grüße", METADATA_KEY: "old " * 100, "zoo": "x"})
    onnx.save(before, path)
    spec = model.spec.replace(calibration={"emotion": {"temperature": 1.25}})
    write_spec(path, tmp_path / "new" / "b.onnx", spec)
    after = onnx.load(tmp_path / "new" / "b.onnx")
    onnx.checker.check_model(after, full_check=True)
    assert props(after) == {"author": "grüße", "zoo": "x", METADATA_KEY: spec.to_json(indent=None)}
    for proto in (before, after):
        del proto.metadata_props[:]
    assert after == before
    other = OnnxModel(tmp_path / "new" / "b.onnx")
    assert other.spec == spec
    crops = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    for a, b in zip(model.run(crops)[:3], other.run(crops)[:3], strict=True):
        np.testing.assert_array_equal(a, b)


def test_everything_around_it_keeps_its_bytes(tiny_model: TinyModel) -> None:
    bare = tiny_model(with_spec=False).read_bytes()
    once = with_spec(bare, "one")
    assert once.startswith(bare)
    assert with_spec(once, "one") == once
    assert with_spec(once, "two") == with_spec(bare, "two")


def test_a_file_may_be_rewritten_in_place(tiny_model: TinyModel, tmp_path: Path) -> None:
    path = tiny_model()
    spec = OnnxModel(path).spec.replace(licence="x" * 70_000)  # a length of three bytes
    write_spec(path, path, spec)
    assert OnnxModel(path).spec == spec
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("data", [b"\x0b\x00", b"\x7a\xff\x01abc", b"\x08", b"\x0d\x01", b"\xff" * 12, b"\x00\x00"])
def test_what_is_no_message_is_told_in_one_line(data: bytes, tmp_path: Path, tiny_model: TinyModel) -> None:
    spec = OnnxModel(tiny_model()).spec
    path, target = tmp_path / "a.onnx", tmp_path / "b.onnx"
    path.write_bytes(data)
    with pytest.raises(MienError, match=r"a\.onnx: not an ONNX file"):
        write_spec(path, target, spec)
    assert not target.exists()
    with pytest.raises(MienError, match=r"gone\.onnx: .*check the path"):
        write_spec(tmp_path / "gone.onnx", target, spec)


def test_a_place_that_cannot_be_written_is_told(tiny_model: TinyModel, tmp_path: Path) -> None:
    path = tiny_model()
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a place that can be written"):
        write_spec(path, tmp_path / "file" / "b.onnx", OnnxModel(path).spec)
