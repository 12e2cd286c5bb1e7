"""All videos that were sent: a short queue, threads that work it off, and an end for everything."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from mien.web.jobs import process
from mien.web.jobs.job import Job
from mien.web.refusal import Refusal, busy
from mien.web.sandbox.decode import Probe
from mien.web.settings import Settings
from mien.web.spool import Spool
from mien.web.upload import Upload

NAME = 100


class Jobs:
    """Takes videos on, works them off one after the other, and forgets them after a while.

    Args:
        columns: of the table that the model in use makes.
    """

    def __init__(self, settings: Settings, spool: Spool, columns: Sequence[str]) -> None:
        self._settings, self._spool, self._columns = settings, spool, tuple(columns)
        self._jobs: dict[str, Job] = {}
        self._guard = threading.RLock()
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name="mien-job", daemon=True) for _ in range(settings.jobs)
        ]
        for thread in self._threads:
            thread.start()

    def add(self, upload: Upload, probe: Probe, options: dict[str, Any]) -> Job:
        """Take an upload on, whose file becomes the job's.

        Raises:
            Refusal: 429 where too many wait.
        """
        with self._guard:
            if sum(job.state == "queued" for job in self._jobs.values()) >= self._settings.jobs_waiting:
                raise busy("too many videos wait", 30)
            self._trim()
            folder = self._spool.new()
            folder.mkdir(mode=0o700)
            limits = {
                "max_pixels": self._settings.max_pixels,
                "max_duration": self._settings.max_duration,
                "max_frames": self._settings.max_frames,
            }
            job = Job(folder, options | limits, self._columns, probe.frames, probe.duration, clean_name(upload.name))
            upload.path.rename(job.video)
            job.video_size, upload.size = upload.size, 0  # its bytes count for the job from now on
            self._jobs[job.id] = job
        self._queue.put(job)
        return job

    def get(self, name: str) -> Job:
        """The job of that id.

        Raises:
            Refusal: 404.
        """
        job = self._jobs.get(name)
        if job is None:
            raise Refusal(404, "no such job; it may have been deleted, send the video again")
        return job

    def delete(self, name: str) -> Job:
        """Cancel it where it is not over, and forget it with all its files."""
        job = self.get(name)
        with self._guard:
            self._jobs.pop(name, None)
        self._drop(job)
        return job

    def expire(self) -> None:
        """Forget the jobs that ended long ago."""
        now = time.monotonic()
        for job in list(self._jobs.values()):
            if job.over and now - job.ended > self._settings.keep:
                with self._guard:
                    self._jobs.pop(job.id, None)
                self._drop(job)

    def counts(self) -> dict[str, int]:
        """How many jobs there are by state."""
        return dict(Counter(job.state for job in list(self._jobs.values())))

    def close(self) -> None:
        """Cancel everything."""
        for job in list(self._jobs.values()):
            job.cancel.set()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=10)

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            if job.cancel.is_set():
                self._forget(job)
                continue
            job.state, job.started = "running", time.monotonic()
            try:
                process.run(job, self._settings, lambda size, job=job: self._store(job, size))  # type: ignore[misc]
            except Exception:  # a bug of ours must not end the thread that serves the others
                job.end("failed", "the server could not analyse this video; see its log")
            self._give_back(job, video=True)
            if job.cancel.is_set():
                self._forget(job)

    def _store(self, job: Job, size: int) -> None:
        self._spool.take(size)
        job.size += size

    def _trim(self) -> None:
        """Make room for a job: those that ended first go first."""
        over = sorted((job for job in self._jobs.values() if job.over), key=lambda job: job.ended)
        for job in over[: max(len(self._jobs) + 1 - self._settings.jobs_kept, 0)]:
            del self._jobs[job.id]
            self._drop(job)

    def _drop(self, job: Job) -> None:
        """Delete a job's files now, or let the thread that runs it do so when it has stopped."""
        running = job.state == "running"
        job.cancel.set()
        if not running:
            self._forget(job)

    def _forget(self, job: Job) -> None:
        job.delete()
        self._give_back(job, video=True)
        self._give_back(job)
        if not job.over:
            job.state = "cancelled"

    def _give_back(self, job: Job, *, video: bool = False) -> None:
        with self._guard:
            if video:
                size, job.video_size = job.video_size, 0
            else:
                size, job.size = job.size, 0
        self._spool.give_back(size)


def clean_name(name: str) -> str:
    """What the table calls a video: the last part of its name, without what a spreadsheet or shell would read."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(letter if letter.isalnum() or letter in " ._()-" else "_" for letter in last)
    return kept.lstrip(" .-=+@")[:NAME] or "video"
