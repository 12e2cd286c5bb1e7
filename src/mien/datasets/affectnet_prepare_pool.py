"""Batches of AffectNet's pictures spread over processes: the same outcomes in order, however many there are."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from threading import Thread

from mien.datasets.affectnet_prepare_picture import Batch, Outcome, make_face
from mien.errors import MienError

_stop: Event | None = None
"""In a worker: whether the first process wants no more."""


def outcomes(batches: Iterable[Batch], workers: int) -> Generator[list[Outcome], None, None]:
    """What became of each face of each batch, in order; pictures that have begun are ended before an exception passes.

    Args:
        workers: processes; 1 works in this one and starts none.

    Raises:
        MienError: a place that cannot be written, or processes that ended by themselves.
    """
    if workers <= 1:
        yield from map(_make, batches)
        return
    context = get_context("spawn")  # not forked: a fork takes locks along that threads of this process hold
    stop = context.Event()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(stop,))
    waiting: deque[Future[list[Outcome]]] = deque()  # a few ahead: what is held does not grow with the set
    try:
        for batch in batches:
            with _interrupts_held():  # submitting starts processes, which inherit this
                waiting.append(pool.submit(_make, batch))
            if len(waiting) > 3 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise MienError(
            "the worker processes have ended: too little memory, or a script that calls this outside"
            " `if __name__ == '__main__':`; the same call with one worker goes on"
        ) from error
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C until the end of this block, and from processes that begin in it while they still import."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make(batch: Batch) -> list[Outcome]:
    found = []
    for face in batch.faces:
        if _stop is not None and _stop.is_set():
            break  # nobody reads what is handed back
        found.append(make_face(face, batch))
    return found


def _begin(stop: Event) -> None:
    """Ctrl-C is the first process's affair; when that is gone, so is this one."""
    import cv2

    global _stop
    _stop = stop
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
