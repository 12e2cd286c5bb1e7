"""A real server in a process of its own, for tests that need sockets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CODE = """
import json, sys
from mien.web.serving import serve_forever
from mien.web.settings import Settings
serve_forever(Settings(**json.loads(sys.argv[1])), 0, None, lambda where: print(where, flush=True))
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, its process, and where its private folder is."""

    url: str
    process: subprocess.Popen[str]
    folder: Path

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def children(self) -> list[int]:
        """Processes that it started and that are alive."""
        return [pid for pid, parent in _parents().items() if parent == self.process.pid]

    def left(self) -> list[str]:
        """Files in servers' private folders, their locks aside."""
        files = (path for folder in self.folder.glob("mien-serve-*") for path in folder.rglob("*"))
        return sorted(path.name for path in files if path.is_file() and path.name != "lock")


@contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Server]:
    """A server that is stopped when the block ends, if it still runs."""
    environment = os.environ | {"TMPDIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, json.dumps(settings)], stdout=subprocess.PIPE, env=environment, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://"), url
        yield Server(url, process, folder)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _parents() -> dict[int, int]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            found[int(stat.parent.name)] = int(parent)
    return found
