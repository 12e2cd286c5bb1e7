from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.runtime.engines.parts import MANIFEST
from mien.runtime.engines.run import run_files
from mien.runtime.engines.work import Settings

DRIVER = """
import multiprocessing, os, signal, sys
from mien.runtime.engines import parts
from mien.runtime.engines.run import run_files
from mien.runtime.engines.work import Settings

parts.SPAN = 0

def progress(done, total):
    if done >= 10:
        print(*[child.pid for child in multiprocessing.active_children()], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    model, out, *files = sys.argv[1:]
    run_files(files, Settings(model=model, detector="none"), out=out, workers=2, progress=progress)
"""


def test_every_engine_writes_the_same_table(settings: Settings, pictures: list[Path], tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    here = run_files(pictures, settings, "here", out=tmp_path / "here.csv")
    local = run_files(
        pictures, settings, out=tmp_path / "local.csv", workers=2, progress=lambda *so_far: seen.append(so_far)
    )
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "local.csv").read_bytes()
    assert (here.inputs, here.faces, here.rows, here.lost) == (40, 40, 40, 0)
    assert (local.inputs, local.faces, local.rows, local.lost) == (40, 40, 40, 0)
    assert seen[-1] == (40, 40)
    assert not (tmp_path / "local.csv.parts").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_after_sigkill_it_goes_on_and_the_table_is_the_undisturbed_one(
    settings: Settings, pictures: list[Path], tmp_path: Path
) -> None:
    out, script = tmp_path / "t.csv", tmp_path / "driver.py"
    script.write_text(DRIVER)
    done = subprocess.run(
        [sys.executable, str(script), settings.model, str(out), *map(str, pictures)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not out.exists()
    orphans = [int(pid) for pid in done.stdout.split()]
    assert len(orphans) == 2
    with pytest.raises(MienError, match="add --resume"):
        run_files(pictures, settings, out=out)
    outcome = run_files(pictures, settings, "here", out=out, resume=True)
    assert 0 < outcome.resumed < 40
    assert outcome.inputs == 40
    run_files(pictures, settings, "here", out=tmp_path / "whole.csv")
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    _end(orphans)


def _end(pids: list[int]) -> None:
    """Workers end when the process that employed them is gone."""
    until = time.monotonic() + 30
    for pid in pids:
        while _lives(pid):
            assert time.monotonic() < until, f"worker {pid} is still there"
            time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_an_interrupted_run_keeps_what_is_done(settings: Settings, pictures: list[Path], tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "t.csv"
    with pytest.raises(KeyboardInterrupt):
        run_files(pictures, settings, "here", out=out, progress=interrupt)
    assert (tmp_path / "t.csv.parts" / MANIFEST).read_text().count("\n") == 2
    assert run_files(pictures, settings, "here", out=out, resume=True).resumed == 16


def test_resuming_what_was_never_begun_begins(settings: Settings, pictures: list[Path], tmp_path: Path) -> None:
    assert run_files(pictures[:2], settings, "here", out=tmp_path / "t.csv", resume=True).resumed == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"engine": "dask"}, "unknown engine 'dask': one of here, local, ray"),
        ({"workers": 0}, "at least one process"),
        ({"out": "t.doc"}, "no format goes by .doc"),
        ({"format_": "xml"}, "unknown format 'xml'"),
        ({"settings": Settings(model="none.onnx")}, "no such model file"),
    ],
)
def test_bad_arguments_are_told_before_anything_is_made(
    settings: Settings, tmp_path: Path, arguments: dict[str, object], words: str
) -> None:
    given = {"settings": settings, "engine": "here", "out": tmp_path / "t.csv"} | arguments
    given["out"] = tmp_path / str(given["out"])
    with pytest.raises(MienError, match=words):
        run_files([], **given)  # type: ignore[arg-type]
    assert not list(tmp_path.glob("*.parts"))


def test_no_file_at_all_is_an_empty_table(settings: Settings, tmp_path: Path) -> None:
    assert run_files([], settings, "here", out=tmp_path / "t.csv").rows == 0
    assert (tmp_path / "t.csv").read_text().startswith("input,frame,")
