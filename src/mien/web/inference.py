"""One Analyzer for all requests: pictures that wait at the same moment go through the model together."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.faces import Faces
from mien.runtime.analyzer import Analyzer

TOGETHER = 8
"""Pictures at most whose faces share a batch; more would let the first ones wait for the last."""


@dataclass(slots=True)
class _Waiting:
    image: NDArray[np.uint8]
    answer: Future[Faces]


class Inference:
    """A thread that analyses pictures in the order in which they come.

    Whoever calls sees to it that few wait; `waiting` says how many.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mien-inference", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Pictures in the queue."""
        return self._queue.qsize()

    def faces(self, image: NDArray[np.uint8]) -> Future[Faces]:
        """The faces of a uint8 RGB picture (h, w, 3)."""
        one = _Waiting(image, Future())
        self._queue.put(one)
        return one.answer

    def close(self) -> None:
        """End the thread when it has answered what waits."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = [first], False
            while len(batch) < TOGETHER and not last:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                else:
                    batch.append(more)
            self._answer(batch)
            if last:
                return

    def _answer(self, batch: list[_Waiting]) -> None:
        mine = [one for one in batch if one.answer.set_running_or_notify_cancel()]
        try:
            found = list(self.analyzer.analyze_many([one.image for one in mine]))
        except Exception as error:  # a bug of ours; whoever asked hears of it, and the thread lives on
            if len(mine) > 1:
                for one in mine:
                    self._alone(one)
            else:
                for one in mine:
                    one.answer.set_exception(error)
            return
        for one, faces in zip(mine, found, strict=True):
            one.answer.set_result(faces)

    def _alone(self, one: _Waiting) -> None:
        """Analyse a picture by itself, since one of its batch cannot be."""
        try:
            one.answer.set_result(self.analyzer(one.image))
        except Exception as error:
            one.answer.set_exception(error)
