"""A camera's newest picture: frames that come while one is analysed are dropped, not queued."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from time import monotonic
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.video.frames import Frame

PATIENCE = 5.0
"""Seconds without a picture after which a camera is given up."""


def open_camera(number: int) -> Any:
    """OpenCV's capture of a camera.

    Raises:
        MienError: none of that number, or one that is in use.
    """
    log: Any = cv2.utils.logging
    level = log.getLogLevel()
    log.setLogLevel(log.LOG_LEVEL_SILENT)  # what cannot be opened is told in our one line, not in OpenCV's
    try:
        capture = cv2.VideoCapture(number)
    finally:
        log.setLogLevel(level)
    if not capture.isOpened():
        raise MienError(f"camera {number}: cannot be opened; plug it in, end what uses it, or give another number")
    return capture


def newest_frames(
    capture: Any, *, seconds: float | None = None, clock: Callable[[], float] = monotonic
) -> Generator[Frame, None, None]:
    """The newest picture each time one is asked for, until the camera ends or the time is up.

    Pictures are numbered as the camera gives them, dropped ones included; `time` is in seconds since the first. The
    reading thread and the camera end with the generator.

    Args:
        capture: with `read() -> (ok, BGR uint8 (h, w, 3))` and `release()`, such as cv2.VideoCapture.
        seconds: stop after so long.
        clock: seconds, for `time`.

    Raises:
        MienError: a camera that gives no picture for five seconds.
    """
    ready = threading.Condition()
    newest: list[tuple[int, float, NDArray[np.uint8]]] = []
    ended = threading.Event()

    def grab() -> None:
        number = 0
        while not ended.is_set():
            ok, picture = capture.read()
            if not ok:
                break
            with ready:
                newest[:] = [(number, clock(), picture)]
                ready.notify()
            number += 1
        with ready:
            ended.set()
            ready.notify()

    thread = threading.Thread(target=grab, name="mien-camera", daemon=True)
    thread.start()
    start: float | None = None
    try:
        while True:
            with ready:
                if not ready.wait_for(lambda: newest or ended.is_set(), PATIENCE):
                    raise MienError("the camera gives no picture; plug it in again, or end what else uses it")
                if not newest:
                    return
                number, time, picture = newest.pop()
            start = time if start is None else start
            if seconds is not None and time - start >= seconds:
                return
            yield Frame(number, time - start, np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
    finally:
        ended.set()
        thread.join(PATIENCE)
        capture.release()
