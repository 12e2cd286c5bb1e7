"""What a process that decodes strangers' files may use; called by it on itself."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

FILES = 64
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV", "TMPDIR")


def command(module: str) -> list[str]:
    """How to start a module in a Python of its own, which finds nothing in the folder that the server runs in."""
    return [sys.executable, "-P", "-m", module]


def environment() -> dict[str, str]:
    """What such a process is told: where packages lie, one thread, and no secret of the server's."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    here = str(Path(__file__).resolve().parents[3])
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return kept | {
        "PYTHONPATH": os.pathsep.join([here, *others]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
        "ORT_DISABLE_TELEMETRY": "1",
        "MALLOC_ARENA_MAX": "2",  # arenas of many threads would eat up the address space
        "OPENCV_IO_MAX_IMAGE_PIXELS": str(1 << 28),
    }


def private_output() -> int:
    """A descriptor of standard output for our own words; what libraries print goes nowhere from now on."""
    own = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return own


def limit(memory: int, *, write_files: bool = False) -> None:
    """Bound the process's address space in bytes, its open files, and keep it from writing files or a core dump.

    Nothing happens where the system knows no such limits (Windows).
    """
    try:
        import resource
    except ImportError:
        return
    wanted: Sequence[tuple[int, int]] = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
        *(() if write_files else ((resource.RLIMIT_FSIZE, 0),)),
    )
    for which, most in wanted:
        hard = resource.getrlimit(which)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(which, (value, value))
        except (OSError, ValueError):  # macOS refuses some
            continue


def alarm(seconds: float) -> None:
    """Let the system end this process when it is still busy after that long; 0 takes it back."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def address_space() -> int:
    """Bytes of address space in use now; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def resident_of_self() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    return resident(os.getpid())
