from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.lab.importers.published import save_esr

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.importers import esr  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.lab.importers.opendr import convert, description  # noqa: E402

SAVED = {
    "model_paths": ["Net-Base-Shared_Representations.pt", "Net-Branch_1.pt"], "framework": "pytorch", "format": "pth",
    "has_data": False, "inference_params": {}, "optimized": False, "optimizer_info": {},
}  # fmt: skip


def folder_of(path: Path, **changes: object) -> Path:
    save_esr(path, 2)
    (path / "esr_9.json").write_text(json.dumps({**SAVED, **changes}), encoding="utf-8")
    return path


def test_the_same_network_as_its_files(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    assert description(folder) == folder / "esr_9.json"
    imported, plain = convert(folder, Options()), esr.convert(folder, Options())
    for key, value in plain.net.state_dict().items():
        assert torch.equal(imported.net.state_dict()[key], value), key
    assert imported.spec.training["published"] == "OpenDR"


def test_esr_star_by_its_keys(tmp_path: Path) -> None:
    save_esr(tmp_path, 2, (16,) * 4, (16,) * 4, cbam=True)
    (tmp_path / "x.json").write_text(json.dumps(SAVED), encoding="utf-8")
    assert convert(tmp_path, Options()).spec.architecture == "esrstar9"


def test_other_folders(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text('{"a": 1}', encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert description(tmp_path) is None
    with pytest.raises(MienError, match="no JSON with model_paths"):
        convert(tmp_path, Options())
    with pytest.raises(MienError, match="before optimize"):
        convert(folder_of(tmp_path / "x", format="onnx", optimized=True), Options())
    folder = folder_of(tmp_path / "y")
    (folder / "Net-Branch_1.pt").unlink()
    with pytest.raises(MienError, match=r"lacks Net-Branch_1\.pt"):
        convert(folder, Options())
