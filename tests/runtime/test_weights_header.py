from __future__ import annotations

import json
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.runtime.weights_header import spec_of

SPEC = ModelSpec("g", "ganmut_linear", (), 128, 128)


def written(path: Path, metadata: dict[str, str]) -> Path:
    header = json.dumps(
        {"__metadata__": metadata, "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    ).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    return path


def test_reads_the_header_alone(tmp_path: Path) -> None:
    assert spec_of(written(tmp_path / "w.safetensors", {METADATA_KEY: SPEC.to_json()})) == SPEC


def test_or_the_file_beside_it(tmp_path: Path) -> None:
    path = written(tmp_path / "w.safetensors", {})
    with pytest.raises(MienError, match="no ModelSpec"):
        spec_of(path)
    (tmp_path / "model.json").write_text(SPEC.to_json(), encoding="utf-8")
    assert spec_of(path) == SPEC


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 a zip", b"\x02" + b"\0" * 7 + b"[]", b"\x04" + b"\0" * 7 + b"\xff"]
)
def test_says_when_it_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(MienError, match="not a safetensors file"):
        spec_of(path)
    with pytest.raises(MienError, match="No such file"):
        spec_of(tmp_path / "gone.safetensors")


def test_reads_what_the_lab_writes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from mien.lab.train.checkpoint import save_weights

    save_weights(torch.nn.Linear(2, 2), SPEC, tmp_path / "w.safetensors")
    assert spec_of(tmp_path / "w.safetensors") == SPEC
