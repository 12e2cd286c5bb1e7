from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mien.web.sandbox import confine

LIMITED = """
import sys
from mien.web.sandbox import confine
confine.limit(400_000_000)
for attempt in (lambda: bytearray(500_000_000), lambda: open(sys.argv[1], "wb", 0).write(b"x" * 10)):
    try:
        attempt()
        print("allowed")
    except (MemoryError, OSError) as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_memory_is_bounded_and_no_file_is_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", LIMITED, str(tmp_path / "f")],
        env=confine.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["MemoryError", "OSError"]


def test_no_secret_of_the_server_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_TOKEN", "secret")
    assert "secret" not in str(confine.environment())
    assert confine.environment()["OMP_WAIT_POLICY"] == "passive"


def test_an_alarm_ends_a_process_that_is_still_busy() -> None:
    code = "from mien.web.sandbox import confine; confine.alarm(0.2); [i for i in range(10**9)]"
    done = subprocess.run([sys.executable, "-P", "-c", code], env=confine.environment(), timeout=60)
    assert done.returncode == -14
