"""Memory of a process that trains on a CPU."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
"""Of glibc's malloc.h."""


def keep_freed_memory() -> bool:
    """Let malloc keep what a step frees for the next one; whether this system's malloc knows how.

    Each large tensor otherwise comes from the kernel and goes back to it, and every page of it is filled with zeros
    on the way: a fifth of an ESR's step (the lab notebook, 2026-11-26). The process stays as large as it once was.
    glibc alone; see mallopt(3).
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl has none
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    wanted = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 << 20))
    return all(bool(mallopt(which, value) == 1) for which, value in wanted)
