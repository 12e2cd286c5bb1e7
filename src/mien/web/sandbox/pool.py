"""Decode workers: long-lived processes, one a thread, ended and replaced when one hangs, crashes or eats memory."""

from __future__ import annotations

import subprocess
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.web.refusal import Refusal
from mien.web.sandbox import confine, messages
from mien.web.sandbox.decode import Probe

START = 60.0
"""Seconds in which a worker must say that it is ready."""
TASKS = 5000
"""Pictures after which a worker makes room for a fresh one."""


class DecodePool:
    """Decodes in child processes; the calls wait in the order in which they come.

    Args:
        workers: how many processes.
        timeout: seconds for one picture or one video's header.
        max_pixels: of one picture.
        memory: bytes of address space of one process.
    """

    def __init__(self, workers: int, timeout: float, max_pixels: int, memory: int) -> None:
        self._timeout, self._max_pixels, self._memory = timeout, max_pixels, memory
        self._own = threading.local()
        self._all: set[_Worker] = set()
        self._guard = threading.Lock()
        self._closed = False
        self.replaced = 0
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="mien-decode")
        for _ in range(workers):
            self._threads.submit(self._worker)

    def picture(self, data: bytes) -> Future[NDArray[np.uint8]]:
        """uint8 RGB (h, w, 3) of an encoded picture; the future raises Refusal with a 4xx."""
        return self._threads.submit(self._picture, data)

    def probe(self, path: Path, container: str) -> Future[Probe]:
        """What a video file of ours says of itself; the future raises Refusal with a 4xx."""
        return self._threads.submit(self._probe, path, container)

    def pids(self) -> list[int]:
        """Of the processes that live now."""
        with self._guard:
            return [worker.process.pid for worker in self._all]

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._guard:
            workers = list(self._all)
        for worker in workers:
            worker.end()

    def _picture(self, data: bytes) -> NDArray[np.uint8]:
        head, pixels = self._asked({"task": "picture", "max_pixels": self._max_pixels}, data)
        shape = tuple(head.get("shape", ()))
        if len(shape) != 3 or shape[2] != 3 or not all(isinstance(side, int) and side > 0 for side in shape):
            raise Refusal(422, "cannot be decoded; save it as PNG or JPEG")
        if shape[0] * shape[1] * 3 != len(pixels):
            raise Refusal(422, "cannot be decoded; save it as PNG or JPEG")
        return np.frombuffer(pixels, np.uint8).reshape(shape)

    def _probe(self, path: Path, container: str) -> Probe:
        head, _ = self._asked({"task": "video", "path": str(path), "container": container}, b"")
        try:
            return Probe(**head["probe"])
        except (KeyError, TypeError):
            raise Refusal(422, "a broken video; export it again") from None

    def _asked(self, task: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytearray]:
        worker = self._worker()
        clock = threading.Timer(self._timeout, worker.overdue)
        clock.daemon = True
        clock.start()
        try:
            head, answer = worker.ask(task | {"timeout": self._timeout}, body, 3 * self._max_pixels)
        except (EOFError, OSError, ValueError):
            self._replace(worker)
            if worker.late:
                raise Refusal(422, f"takes longer than {self._timeout:g} s to decode; shrink it") from None
            raise Refusal(422, "cannot be decoded within its share of memory; save it anew or shrink it") from None
        finally:
            clock.cancel()
        if head.get("spent") or worker.tasks >= TASKS or worker.late:
            self._replace(worker)
        if "error" in head:
            raise Refusal(int(head["status"]), str(head["error"]))
        return head, answer

    def _worker(self) -> _Worker:
        """This thread's own, started where there is none."""
        worker: _Worker | None = getattr(self._own, "worker", None)
        if worker is None or worker.process.poll() is not None:
            if worker is not None:
                self._forget(worker)
            worker = self._own.worker = self._started()
        worker.wait_ready()
        return worker

    def _started(self) -> _Worker:
        with self._guard:
            if self._closed:
                raise Refusal(503, "the server is stopping; try again later")
            worker = _Worker(self._memory)
            self._all.add(worker)
        return worker

    def _replace(self, worker: _Worker) -> None:
        """End it and start another at once, so that the next picture need not wait for it."""
        self._forget(worker)
        self.replaced += 1
        self._own.worker = None
        if not self._closed:
            self._own.worker = self._started()

    def _forget(self, worker: _Worker) -> None:
        worker.end()
        with self._guard:
            self._all.discard(worker)


class _Worker:
    def __init__(self, memory: int) -> None:
        self.process = subprocess.Popen(
            [*confine.command("mien.web.sandbox.worker"), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=confine.environment(),
            cwd="/" if Path("/").is_dir() else None,
        )
        self.tasks = 0
        self.late = False
        self._ready = False

    def wait_ready(self) -> None:
        if self._ready:
            return
        clock = threading.Timer(START, self.process.kill)
        clock.daemon = True
        clock.start()
        try:
            assert self.process.stdout is not None
            messages.read(self.process.stdout, 0)
        except (EOFError, OSError, ValueError):
            self.end()
            raise Refusal(503, "no process for decoding could be started; see the server's log") from None
        finally:
            clock.cancel()
        self._ready = True

    def ask(self, task: dict[str, Any], body: bytes, most: int) -> tuple[dict[str, Any], bytearray]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.tasks += 1
        messages.write(self.process.stdin, task, body)
        return messages.read(self.process.stdout, most)

    def overdue(self) -> None:
        self.late = True
        self.process.kill()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was left to be written to a process that is gone
                    continue
