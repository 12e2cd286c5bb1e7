"""Which workers still live: a lock that the kernel frees on death, and a pulse in the storage for other machines."""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

if sys.platform != "win32":  # there the pulse alone tells
    import fcntl

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.trial import FrozenTrial

WORKER, MACHINE, LOCK, PULSE = "worker", "machine", "lock", "pulse"
INTERVAL = 15.0
"""Seconds between two beats of a running trial's pulse."""
GRACE = 120.0
"""Seconds without a beat, on the watcher's own clock, after which a trial is taken for dead."""


def machine() -> str:
    """Names this boot of this machine: locks are only asked about where they were taken."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return platform.node()


class Worker:
    """Context manager: a name and, while it lasts, an exclusive lock on a file of that name."""

    def __init__(self, folder: Path) -> None:
        self.name = f"{platform.node()}:{os.getpid()}"
        self.path = folder.resolve() / f"{uuid.uuid4().hex[:12]}.lock"
        self._file: IO[str] | None = None

    def __enter__(self) -> Worker:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8")
        self._file.write(self.name + "\n")
        self._file.flush()
        if sys.platform != "win32":
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:  # else a trial may be left that names it
            self.path.unlink(missing_ok=True)
        if self._file is not None:
            self._file.close()

    def attributes(self) -> dict[str, str]:
        """What a trial says about who runs it."""
        return {WORKER: self.name, MACHINE: machine(), LOCK: str(self.path)}


class Pulse(threading.Thread):
    """Context manager: counts up in the trial's attributes until it ends or someone else finishes the trial."""

    def __init__(self, trial: Trial, interval: float = INTERVAL) -> None:
        super().__init__(daemon=True)
        self.trial, self.interval = trial, interval
        self.ended = threading.Event()

    def run(self) -> None:
        from optuna.exceptions import UpdateFinishedTrialError

        beat = 0
        while not self.ended.wait(self.interval):
            beat += 1
            try:
                self.trial.storage.set_trial_user_attr(self.trial._trial_id, PULSE, beat)
            except UpdateFinishedTrialError:
                return
            except Exception:
                continue

    def __enter__(self) -> Pulse:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self.join()


class Watch:
    """One worker's eye on the running trials of the others."""

    def __init__(self, grace: float = GRACE) -> None:
        self.grace = grace
        self._seen: dict[int, tuple[Any, float]] = {}  # trial -> its pulse, and when it was first seen so

    def fate(self, trial: FrozenTrial) -> str:
        """`gone`: its worker's lock is free. `silent`: no beat for the grace period. `` while it lives."""
        attributes = trial.user_attrs
        if attributes.get(MACHINE) == machine() and _is_free(attributes.get(LOCK, "")):
            return "gone"
        pulse, now = attributes.get(PULSE), time.monotonic()
        last, since = self._seen.get(trial.number, (None, now))
        if trial.number not in self._seen or pulse != last:
            self._seen[trial.number] = (pulse, now)
            return ""
        return "silent" if now - since > self.grace else ""


def _is_free(path: str) -> bool:
    """Whether nobody holds the lock; a file that is not there tells nothing."""
    if not path or sys.platform == "win32":
        return False
    try:
        with Path(path).open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: watchers do not take each other for the owner
    except OSError:
        return False
    return True
