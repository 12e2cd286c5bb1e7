"""A video's frames one after the other, decoded ahead in a thread of their own."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.images.read import MAX_PIXELS
from mien.runtime.video.choosing import Choice
from mien.runtime.video.decoding import Decoding, Position
from mien.runtime.video.facts import rotation_of
from mien.runtime.video.opening import opened

AHEAD_BYTES = 96_000_000
"""Pictures held ready take no more memory than this, though always two of them."""
PATIENCE = 0.1
"""Seconds between the decoding thread's looks at whether anybody still wants its frames."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame that was chosen.

    Attributes:
        number: in the source's own frames from 0, in the order of display, skipped and damaged ones included.
        time: presentation time in seconds as the container says, which need not start at 0 and may be negative;
            None where the container gives none.
        image: uint8 RGB (h, w, 3) as displayed, rotation applied; None where it could not be decoded.
        error: why there is no picture, or None.
        position: from where `read_frames` goes on behind this frame.
    """

    number: int
    time: float | None
    image: NDArray[np.uint8] | None
    error: str | None = None
    position: Position | None = None


def read_frames(
    path: str | os.PathLike[str],
    *,
    every: int = 1,
    fps: float | None = None,
    ahead: int = 8,
    start: Position | None = None,
    wanted: Callable[[int], bool] | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Generator[Frame, None, None]:
    """The frames of a video in the order of display; only those that are looked at are turned into RGB.

    A frame that cannot be decoded comes with `error` and no picture, and reading goes on behind it; so does, at
    the very end, a file that was cut short. Colours follow the stream's own matrix and range; where it names no
    matrix, BT.709 from 720 lines on and BT.601 below, as players do. More than 8 bits a channel are rounded to 8.

    The decoding thread ends with the generator: when it is used up, closed, or left by an exception.

    Args:
        path: a video file.
        every: look at frames 0, N, 2 N, ...
        fps: look at the first frame at or after each tick of a clock of so many ticks a second that starts with
            the first frame. Excludes `every`.
        ahead: frames decoded ahead of the consumer, fewer where they are large.
        start: go on behind this frame of an earlier reading with the same choice.
        wanted: look only at those of the chosen frames whose number it accepts.
        max_pixels: larger frames come with `error`.

    Raises:
        MienError: at the first frame asked for: no video, or one that cannot be read.
    """
    choice = Choice(every, fps)
    with opened(path) as (container, stream):
        size = 3 * max(stream.codec_context.width * stream.codec_context.height, 1)
        room = max(2, min(ahead, AHEAD_BYTES // size))
        yield from _in_thread(_chosen(Decoding(container, stream, start), choice, start, wanted, max_pixels), room)


def _in_thread(frames: Iterator[Frame], room: int) -> Generator[Frame, None, None]:
    """The same frames, made in a thread, at most `room` of them ahead; the thread ends with this generator."""
    ready: queue.Queue[Frame | BaseException | None] = queue.Queue(room)
    stop = threading.Event()

    def put(item: Frame | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                ready.put(item, timeout=PATIENCE)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for frame in frames:
                if not put(frame):
                    return
            put(None)
        except BaseException as error:  # handed to the consumer, whose stack says who asked
            put(error)

    thread = threading.Thread(target=work, name="mien-decode", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()


def _chosen(
    decoding: Decoding,
    choice: Choice,
    start: Position | None,
    wanted: Callable[[int], bool] | None,
    max_pixels: int,
) -> Iterator[Frame]:
    unit = decoding.unit
    first = None if start is None else start.first
    if start is not None and start.pts is not None and first is not None:
        choice.first, choice.last = first * unit, start.pts * unit
    for number, pts, picture, error in decoding:
        if first is None:
            first = pts
        if number is None:  # the file ends too early: no frame of its own, and never left out
            yield Frame(decoding.number, None, None, error, Position(decoding.number, decoding.last, first))
            return
        time = None if pts is None else pts * unit
        if not choice.wants(number, time, unit) or (wanted is not None and not wanted(number)):
            continue
        image = None
        if picture is not None:
            image, error = _rgb(picture, max_pixels)
        position = Position(number + 1, pts, first)
        yield Frame(number, None if time is None else float(time), image, error, position)


def _rgb(picture: Any, max_pixels: int) -> tuple[NDArray[np.uint8] | None, str | None]:
    """A PyAV frame as displayed, or None and why not."""
    import av
    from av.video.reformatter import Colorspace

    if picture.width * picture.height > max_pixels:
        return None, f"{picture.width} x {picture.height} pixels, more than the limit of {max_pixels:,}"
    unnamed = int(picture.colorspace) == UNNAMED
    try:
        plain = picture.reformat(
            format="rgb24", src_colorspace=Colorspace.ITU709 if unnamed and picture.height >= HD else None
        )
        image = np.asarray(plain.to_ndarray(), np.uint8)
    except (av.FFmpegError, ValueError) as error:
        return None, f"its colours cannot be turned into RGB ({error})"
    if turn := rotation_of(picture):
        image = np.rot90(image, turn // 90)
    return np.ascontiguousarray(image), None


UNNAMED = 2  # AVCOL_SPC_UNSPECIFIED
HD = 720
