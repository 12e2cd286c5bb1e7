"""Runs a job in a child process of its own, and ends it when it stalls, eats memory or is cancelled."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mien.web.jobs.job import Job
from mien.web.refusal import Refusal
from mien.web.sandbox import confine
from mien.web.sandbox.container import container_of
from mien.web.settings import Settings

START = 60.0
"""Seconds in which the process must have its model open."""
LINE = 4_000_000
"""Characters of one message at most."""
LOOK = 0.2
"""Seconds between looks at the process."""


def run(job: Job, settings: Settings, stored: Callable[[int], None]) -> None:
    """Analyse a job's video; its state says how that ended. Raises nothing.

    Args:
        stored: is told the bytes of rows as they are written, and may refuse them.
    """
    process = subprocess.Popen(
        confine.command("mien.web.jobs.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=confine.environment(),
        cwd="/" if Path("/").is_dir() else None,
        encoding="utf-8",
        errors="replace",
    )
    watch = _Watch(process, job, settings)
    state, error = "failed", None
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(_task(job, settings)) + "\n")
        process.stdin.flush()  # and left open: its end ends the process
        state, error = _follow(process, job, watch, stored)
    except OSError:  # the process is gone, or the video is: the job was deleted
        pass
    except Refusal as refusal:
        error = refusal.message
    finally:
        watch.stop()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
    if job.cancel.is_set():
        job.end("cancelled")
    elif state == "done":
        job.end("done")
    else:
        job.end("failed", error or watch.why or "cannot be decoded; convert the video to MP4 (H.264) and send it again")


def _task(job: Job, settings: Settings) -> dict[str, Any]:
    with job.video.open("rb") as file:
        container = container_of(file.read(512))
    return {
        "path": str(job.video),
        "container": container,
        "name": job.name,
        "model": settings.model,
        "detector": settings.detector,
        "memory": settings.memory * 3 // 4,
        "options": job.options,
    }


def _follow(
    process: subprocess.Popen[str], job: Job, watch: _Watch, stored: Callable[[int], None]
) -> tuple[str, str | None]:
    """How it ended, and why where that was said."""
    assert process.stdout is not None
    while line := process.stdout.readline(LINE):
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            return "failed", None
        watch.heard()
        if "error" in event:
            return "failed", str(event["error"])[:300]
        if "end" in event:
            return "done", None
        if "rows" in event:
            stored(job.append(event["rows"], event.get("frame")))
    return "failed", None


class _Watch:
    """A thread that looks at the process; it is ended for being silent, for being large, or when asked."""

    def __init__(self, process: subprocess.Popen[str], job: Job, settings: Settings) -> None:
        self.why: str | None = None
        self._process, self._job, self._settings = process, job, settings
        self._last, self._patience = time.monotonic(), START
        self._over = threading.Event()
        threading.Thread(target=self._look, name="mien-watch", daemon=True).start()

    def heard(self) -> None:
        self._last, self._patience = time.monotonic(), self._settings.stall

    def stop(self) -> None:
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(LOOK):
            if self._job.cancel.is_set():
                self._process.kill()
                return
            if time.monotonic() - self._last > self._patience:
                self.why = f"no frame for {self._patience:g} s; convert the video to MP4 (H.264) and send it again"
            elif confine.resident(self._process.pid) > self._settings.memory:
                self.why = "needs too much memory; shrink the video"
            if self.why:
                self._process.kill()
                return
