"""The cores of one machine: N processes, each with an analyzer; the files of one that dies are done again."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from mien.errors import MienError
from mien.runtime.engines.blocks import Answer
from mien.runtime.engines.handout import Handout
from mien.runtime.engines.work import Piece, Settings
from mien.runtime.engines.worker import Facts, Worker

TICK = 0.5
"""Seconds after which `tick` is called though nothing has come."""
STARTS = 3
"""Processes in a row that may die before they are ready."""
SURROUNDINGS = {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
"""Threads that wait actively would take the other processes' cores; ONNX Runtime from 1.29 on reports to Microsoft."""


class Hand:
    """A worker process as its employer sees it."""

    def __init__(self, settings: Settings, kind: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=serve, args=(theirs, settings, kind), daemon=True)
        with surroundings():
            self.process.start()
        theirs.close()  # so that the line ends with the process
        self.ready = False
        self.chunk: tuple[Piece, ...] = ()

    def give(self, chunk: tuple[Piece, ...]) -> None:
        """Hand over work. To a process that is dead nothing happens here: its line tells."""
        self.chunk = chunk
        with suppress(OSError):
            self.line.send(chunk)

    def end(self) -> None:
        """Let the process go, whatever it is doing."""
        self.line.close()
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def serve(line: Connection, settings: Settings, kind: str) -> None:
    """What a worker process does: facts once, then answers to chunks until the line ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes the table
    worker = Worker(settings, kind)
    with suppress(EOFError, OSError):
        line.send(worker.facts())
        while True:
            line.send(worker.answer(line.recv()))


def go(
    settings: Settings,
    kind: str,
    handout: Handout,
    workers: int,
    expected: Facts,
    take: Callable[[Answer], None],
    give_up: Callable[[Piece], Answer],
    tick: Callable[[], None],
) -> int:
    """Do all that is left of the handout.

    Args:
        expected: what each worker must be like.
        take: gets every answer, from this thread.
        give_up: makes the answer for a piece that cost STRIKES workers.
        tick: is called at least every TICK seconds.

    Returns:
        Workers that died.

    Raises:
        MienError: workers that cannot start, or are not like this process.
    """
    died = early = 0
    crew = [Hand(settings, kind) for _ in range(min(workers, handout.left))]
    try:
        while handout.left:
            for hand in crew:
                if hand.ready and not hand.chunk and (chunk := handout.next()):
                    hand.give(chunk)
            for line in wait([hand.line for hand in crew], TICK):
                hand = next(one for one in crew if one.line is line)
                try:
                    said = hand.line.recv()
                except (EOFError, OSError):
                    died, early = died + 1, 0 if hand.ready else early + 1
                    _check_starts(early)
                    crew[crew.index(hand)] = Hand(settings, kind)
                    _lost(hand, handout, take, give_up)
                    continue
                if isinstance(said, Answer):
                    hand.chunk = ()
                    handout.done(said)
                    take(said)
                else:
                    _check(said, expected)
                    hand.ready, early = True, 0
            tick()
    finally:
        for hand in crew:
            hand.end()
    return died


def _lost(hand: Hand, handout: Handout, take: Callable[[Answer], None], give_up: Callable[[Piece], Answer]) -> None:
    hand.end()
    for piece in handout.lost(hand.chunk) if hand.chunk else []:
        answer = give_up(piece)
        handout.done(answer)
        take(answer)


def _check(said: Facts | str, expected: Facts) -> None:
    wrong = said if isinstance(said, str) else said.differs(expected)
    if wrong is not None:
        raise MienError(wrong)


def _check_starts(early: int) -> None:
    if early >= STARTS:
        raise MienError(
            f"--engine local: {early} workers died before they were ready; for want of memory? lower --workers"
        )


@contextmanager
def surroundings() -> Iterator[None]:
    """Variables that a process must find before it imports anything, set while one is started."""
    before = {name: os.environ.get(name) for name in SURROUNDINGS}
    os.environ.update(SURROUNDINGS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
