from __future__ import annotations

import time
from pathlib import Path

import pytest

from mien.web.jobs import job as module
from mien.web.jobs.job import Job

COLUMNS = ("input", "frame", "happiness")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "video").write_bytes(b"v")
    return Job(tmp_path, {}, COLUMNS, frames=10, duration=1.0, name="talk.mp4")


def test_rows_come_back_in_pages_and_as_csv(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    rows = [{"input": 'a "b", ü', "frame": n, "happiness": n / 3} for n in range(5)]
    written = job.append(rows[:3], 2)
    assert written == (job.folder / "rows").stat().st_size
    assert job.page(0) == rows[:2]
    job.append(rows[3:], 4)
    assert [job.page(n) for n in (2, 4, 5, 99)] == [rows[2:4], rows[4:], [], []]
    table = "".join(job.csv()).splitlines()
    assert table[0] == "input,frame,happiness"
    assert table[3] == '"a ""b"", ü",2,0.666667'
    assert len(table) == 6


def test_a_table_without_rows_has_its_header(job: Job) -> None:
    assert "".join(job.csv()) == "input,frame,happiness\n"


def test_progress_and_what_is_left(job: Job) -> None:
    assert (job.told()["progress"], job.told()["eta_s"]) == (0, None)
    job.state, job.started = "running", time.monotonic() - 4
    job.append([], 3)
    told = job.told()
    assert (told["frames_done"], told["progress"], told["eta_s"]) == (4, 0.4, pytest.approx(6, abs=0.5))
    job.append([], 14)
    assert job.told()["progress"] == 1  # the file named fewer frames than it has
    job.frames = None
    assert (job.told()["progress"], job.told()["eta_s"]) == (None, None)


def test_the_video_goes_when_the_job_ends_and_the_rest_when_it_is_deleted(job: Job) -> None:
    job.append([{"frame": 0}], 0)
    job.end("failed", "why")
    assert (job.over, job.told()["error"], job.video.exists()) == (True, "why", False)
    job.delete()
    assert not job.folder.exists()


def test_ids_cannot_be_guessed(job: Job, tmp_path: Path) -> None:
    other = Job(tmp_path, {}, COLUMNS, None, None, "x")
    assert job.id != other.id
    assert len(job.id) >= 20
