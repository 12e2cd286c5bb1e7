from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from mien.errors import MienError
from mien.table import columns
from mien.web.service import Service
from mien.web.settings import Settings


def test_what_it_opens_it_closes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    service = Service(Settings(model=str(tiny_model(path=tmp_path / "m.onnx")), workers=1))
    assert (service.labels, service.columns, service.editor) == ("ferplus", columns(), None)
    assert len(list(tmp_path.glob("mien-serve-*"))) == 1
    gauges = service.gauges()
    assert (gauges["spool_bytes"], gauges["live_sockets"], gauges["jobs_running"]) == (0, 0, 0)
    service.close()
    assert list(tmp_path.glob("mien-serve-*")) == []


def test_a_model_that_is_none_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(MienError, match="no such model file"):
        Service(Settings(model=str(tmp_path / "none.onnx")))
    assert list(tmp_path.iterdir()) == []
