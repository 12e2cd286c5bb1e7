from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.model_spec import METADATA_KEY, Head, ModelSpec
from mien.runtime.spec_in_safetensors import write_spec
from mien.runtime.weights_header import spec_of

SPEC = ModelSpec("m", "small", (Head("emotion", "emotion", EMOTIONS, "ferplus"),), 48, 48)


def test_the_spec_changes_and_weights_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    tensors = {"b": np.arange(7, dtype=np.float32), "a": np.ones((2, 3), np.float16)}
    save_file(tensors, path, metadata={METADATA_KEY: SPEC.to_json(), "format": "pt"})
    changed = SPEC.replace(calibration={"emotion": {"temperature": 0.8}}, licence="für alle")
    for target in (tmp_path / "new" / "b.safetensors", path):
        write_spec(path, target, changed)
        assert spec_of(target) == changed
        found = load_file(target)
        assert set(found) == set(tensors)
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(found[name], tensor)
        with safe_open(target, framework="np") as file:
            assert file.metadata()["format"] == "pt"
        assert int.from_bytes(target.read_bytes()[:8], "little") % 8 == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.safetensors", "new"]


@pytest.mark.parametrize("data", [b"", b"short", (5).to_bytes(8, "little") + b"[1,2]", (1 << 60).to_bytes(8, "little")])
def test_what_is_no_such_file_is_told_in_one_line(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(MienError, match=r"a\.safetensors: not a safetensors file"):
        write_spec(path, path, SPEC)
    with pytest.raises(MienError, match=r"gone\.safetensors"):
        write_spec(tmp_path / "gone.safetensors", path, SPEC)


def test_a_missing_source_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"gone\.safetensors: No such file"):
        write_spec(tmp_path / "gone.safetensors", tmp_path / "new" / "b.safetensors", SPEC)
    assert list(tmp_path.iterdir()) == []
