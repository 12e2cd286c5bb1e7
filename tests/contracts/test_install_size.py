"""The base install stays small: no torch, no second OpenCV."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "install_size.py"
LIMIT = 720  # megabytes


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_base_install() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout)
    assert measured["megabytes"] < LIMIT, measured
    assert "torch" not in measured["largest"]
