"""Real child processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mien.web.jobs import process
from mien.web.jobs.job import Job
from mien.web.refusal import busy
from mien.web.settings import Settings

OPTIONS = {"every": 1, "fps": None, "detect_every": 1, "max_pixels": 10**6, "max_duration": 60, "max_frames": 1000}


def made(tmp_path: Path, video: bytes, **options: object) -> Job:
    (tmp_path / "video").write_bytes(video)
    return Job(tmp_path, OPTIONS | options, ("input", "frame"), None, None, "talk.mp4")


def run(job: Job, settings: Settings | None = None, stored: Callable[[int], None] = lambda size: None) -> None:
    process.run(job, settings or Settings(), stored)


def test_a_video_is_analysed_frame_by_frame(tmp_path: Path, film: Callable[..., bytes]) -> None:
    sizes: list[int] = []
    job = made(tmp_path, film(n=10), every=3)
    run(job, stored=sizes.append)
    assert (job.state, job.error, [row["frame"] for row in job.page(0)]) == ("done", None, [0, 3, 6, 9])
    assert {row["input"] for row in job.page(0)} == {"talk.mp4"}
    assert sum(sizes) == (tmp_path / "rows").stat().st_size
    assert not job.video.exists()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"max_frames": 4}, "more than 4 frames"),
        ({"max_duration": 0.35}, "longer than 0.35 s"),
    ],
)
def test_limits_hold_for_what_is_decoded(
    tmp_path: Path, film: Callable[..., bytes], options: dict[str, object], why: str
) -> None:
    job = made(tmp_path, film(n=30), **options)
    run(job)
    assert job.state == "failed"
    assert why in str(job.error)
    assert str(tmp_path) not in str(job.error)


def test_a_frame_of_too_many_pixels_is_a_row_with_its_reason(tmp_path: Path, film: Callable[..., bytes]) -> None:
    job = made(tmp_path, film(n=3), max_pixels=100)
    run(job)
    assert [(row["success"], "limit" in row["error"]) for row in job.page(0)] == [(0, True)] * 3


def test_what_is_no_video_fails_with_a_reason(tmp_path: Path) -> None:
    job = made(tmp_path, b"\0\0\0\x18ftypisom" + bytes(100))
    run(job)
    assert job.state == "failed"
    assert job.error
    assert str(tmp_path) not in job.error


def test_a_video_is_opened_as_the_kind_of_its_first_bytes(tmp_path: Path, film: Callable[..., bytes]) -> None:
    disguised = b"\x1aE\xdf\xa3" + film()[4:]  # FFmpeg by itself would see `ftyp` behind these
    job = made(tmp_path, disguised)
    run(job)
    assert (job.state, job.rows) == ("failed", 0)


def test_a_process_that_falls_silent_is_ended(tmp_path: Path, film: Callable[..., bytes]) -> None:
    job = made(tmp_path, film(n=300))

    def stop(size: int) -> None:
        (child,) = _children()
        os.kill(child, signal.SIGSTOP)

    start = time.monotonic()
    run(job, Settings(stall=0.5), stop)
    assert job.state == "failed"
    assert "no frame for 0.5 s" in str(job.error)
    assert time.monotonic() - start < 60
    assert _children() == []


def test_a_job_is_cancelled_within_a_moment(tmp_path: Path, film: Callable[..., bytes]) -> None:
    job = made(tmp_path, film(n=400, size=(320, 240)))
    threading.Timer(1, job.cancel.set).start()
    run(job)
    assert (job.state, job.error) == ("cancelled", None)
    assert _children() == []


def test_rows_for_which_there_is_no_space_end_it(tmp_path: Path, film: Callable[..., bytes]) -> None:
    def full(size: int) -> None:
        raise busy("the server's space for uploads is full")

    job = made(tmp_path, film())
    run(job, stored=full)
    assert (job.state, "space" in str(job.error)) == ("failed", True)


def _children() -> list[int]:
    mine = str(os.getpid())
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[1] == mine and "jobs.worker" in (stat.parent / "cmdline").read_text():
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found
