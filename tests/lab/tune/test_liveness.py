from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mien.lab.tune.liveness import LOCK, MACHINE, PULSE, Pulse, Watch, Worker, machine

START = (
    "import sys, time\nfrom pathlib import Path\nfrom mien.lab.tune.liveness import Worker\n"
    "with Worker(Path(sys.argv[1])) as worker:\n    print(worker.path, flush=True)\n    time.sleep(60)"
)


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_a_killed_worker_is_gone_at_once(study: Any, tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", START, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    path = other.stdout.readline().strip()
    trial = study.ask()
    trial.set_user_attr(MACHINE, machine())
    trial.set_user_attr(LOCK, path)
    watch = Watch()
    assert watch.fate(study.trials[0]) == ""
    other.kill()
    other.wait()
    other.stdout.close()
    assert watch.fate(study.trials[0]) == "gone"


def test_a_living_worker_is_let_be_and_leaves_no_lock(study: Any, tmp_path: Path) -> None:
    trial = study.ask()
    with Worker(tmp_path) as worker:
        for key, value in worker.attributes().items():
            trial.set_user_attr(key, value)
        assert Watch().fate(study.trials[0]) == ""
    assert list(tmp_path.iterdir()) == []


def test_on_another_machine_only_silence_tells(study: Any, tmp_path: Path) -> None:
    free = tmp_path / "free.lock"
    free.touch()
    trial = study.ask()
    trial.set_user_attr(MACHINE, "elsewhere")
    trial.set_user_attr(LOCK, str(free))
    watch = Watch(grace=0.05)
    assert watch.fate(study.trials[0]) == ""
    time.sleep(0.1)
    trial.set_user_attr(PULSE, 1)
    assert watch.fate(study.trials[0]) == ""
    time.sleep(0.1)
    assert watch.fate(study.trials[0]) == "silent"


def test_the_pulse_beats_until_the_trial_ends(study: Any) -> None:
    trial = study.ask()
    with Pulse(trial, interval=0.01) as pulse:
        deadline = time.monotonic() + 10
        while study.trials[0].user_attrs.get(PULSE, 0) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        study.tell(trial, 1.0)  # someone else finished it
        pulse.join(10)
        assert not pulse.is_alive()
