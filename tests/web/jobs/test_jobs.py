from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mien.web.jobs import process
from mien.web.jobs.job import Job
from mien.web.jobs.jobs import Jobs, clean_name
from mien.web.refusal import Refusal
from mien.web.sandbox.decode import Probe
from mien.web.settings import Settings
from mien.web.spool import Spool
from mien.web.upload import Upload

PROBE = Probe(10, 10, 1.0, 10.0, 10)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(1_000, tmp_path)
    yield made
    made.close()


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Jobs write a row and last until this is set, or until they are cancelled."""
    event = threading.Event()

    def run(job: Job, settings: Settings, stored: Callable[[int], None]) -> None:
        stored(job.append([{"frame": 0}], 0))
        while not event.wait(0.005) and not job.cancel.is_set():
            pass
        job.end("cancelled" if job.cancel.is_set() else "done")

    monkeypatch.setattr(process, "run", run)
    return event


def uploaded(spool: Spool, size: int = 100) -> Upload:
    path = spool.new()
    path.write_bytes(bytes(size))
    spool.take(size)
    return Upload(path, size, name="a.mp4")


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_jobs_wait_their_turn_and_too_many_are_refused(spool: Spool, hold: threading.Event) -> None:
    jobs = Jobs(Settings(jobs_waiting=1), spool, ("frame",))
    first = jobs.add(uploaded(spool), PROBE, {})
    until(lambda: first.state == "running")
    second = jobs.add(uploaded(spool), PROBE, {})
    assert second.state == "queued"
    late = uploaded(spool)
    with pytest.raises(Refusal) as refused:
        jobs.add(late, PROBE, {})
    assert (refused.value.status, late.path.exists(), late.size) == (429, True, 100)
    hold.set()
    until(lambda: first.over and second.over)
    assert jobs.counts() == {"done": 2}
    jobs.close()


def test_bytes_are_counted_until_they_are_deleted(spool: Spool, hold: threading.Event) -> None:
    jobs = Jobs(Settings(), spool, ("frame",))
    job = jobs.add(uploaded(spool), PROBE, {})
    until(lambda: job.rows)
    assert spool.used == 100 + len(b'{"frame":0}\n')
    hold.set()
    until(lambda: spool.used == 12)
    jobs.delete(job.id)
    assert (spool.used, job.folder.exists()) == (0, False)
    with pytest.raises(Refusal):
        jobs.get(job.id)
    jobs.close()


def test_deleting_cancels_what_waits_and_what_runs(spool: Spool, hold: threading.Event) -> None:
    jobs = Jobs(Settings(), spool, ("frame",))
    running, waiting = (jobs.add(uploaded(spool), PROBE, {}) for _ in range(2))
    until(lambda: running.state == "running")
    for job in (waiting, running):
        jobs.delete(job.id)
    until(lambda: spool.used == 0 and running.over)
    assert [job.state for job in (running, waiting)] == ["cancelled", "cancelled"]
    assert not running.folder.exists()
    assert not waiting.folder.exists()
    jobs.close()


def test_old_jobs_are_forgotten_in_time_and_in_number(spool: Spool, hold: threading.Event) -> None:
    hold.set()
    jobs = Jobs(Settings(keep=0.05, jobs_kept=2), spool, ("frame",))
    made = []
    for _ in range(3):
        made.append(jobs.add(uploaded(spool), PROBE, {}))
        until(lambda: made[-1].over)
    with pytest.raises(Refusal):
        jobs.get(made[0].id)
    time.sleep(0.06)
    jobs.expire()
    assert jobs.counts() == {}
    until(lambda: spool.used == 0)
    jobs.close()


def test_a_bug_in_one_job_does_not_end_the_others(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(job: Job, settings: Settings, stored: Callable[[int], None]) -> None:
        raise KeyError("bug")

    monkeypatch.setattr(process, "run", run)
    jobs = Jobs(Settings(), spool, ("frame",))
    both = [jobs.add(uploaded(spool), PROBE, {}) for _ in range(2)]
    until(lambda: all(job.state == "failed" for job in both))
    jobs.close()


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\a b.mp4", "a b.mp4"),
        ("=cmd|' C calc'!A0", "_cmd__ "),
        ("", "video"),
        ("...", "video"),
        ("a\r\nb\0.mp4", "a__b_.mp4"),
        ("x" * 300, "x" * 100),
    ],
)
def test_names_for_the_table_are_harmless(given: str, called: str) -> None:
    assert clean_name(given).startswith(called)
    assert not set(clean_name(given)) & set("/\\=+@\r\n\0\"'|!")
