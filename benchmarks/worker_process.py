"""A net in a process of its own, spoken to in lines of JSON, so that peers can take turns call by call."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any


class Worker:
    """A running command; `about` is what it said when it was ready.

    Args:
        cores: it may run on so many; libraries that count cores see them.
    """

    def __init__(self, name: str, command: list[str], cores: int) -> None:
        self.name = name
        own = set(sorted(os.sched_getaffinity(0))[:cores])
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}, preexec_fn=lambda: os.sched_setaffinity(0, own),
        )  # fmt: skip
        self.about = self._answer()

    def ask(self, **task: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.startswith("{"):  # libraries print too
                found: dict[str, Any] = json.loads(line)
                return found
        self._errors.seek(0)
        raise RuntimeError(f"{self.name} ended:\n{self._errors.read()[-2000:]}")

    def peak_mb(self) -> float:
        """The most memory it has held, 1e6 bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return round(int(line.split()[1]) * 1024 / 1e6, 1)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
