from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mien.onnx_runtime import onnx_runtime, session_options


def test_analysing_a_face_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code = "import mien, numpy\nmien.Analyzer()(numpy.zeros((60, 60, 3), numpy.uint8))"
    kept = {key: value for key, value in os.environ.items() if key not in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")}
    env = {**kept, "HOME": str(home), "USERPROFILE": str(home)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, timeout=120)
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_what_the_user_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    assert hasattr(onnx_runtime(), "InferenceSession")
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"


@pytest.mark.parametrize(("spinning", "told"), [(True, "1"), (False, "0")])
def test_options_of_a_session(spinning: bool, told: str) -> None:
    options = session_options(3, spinning=spinning)
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == told
    assert session_options(None, spinning=spinning).intra_op_num_threads == 0  # as many as ONNX Runtime takes
