"""Packets of an open video -> its pictures in the order of display, each with its number, none lost in silence."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from mien.runtime.video.opening import first_line
from mien.runtime.video.order import Lost, Order

MARGINS = (0.0, 10.0)
"""Seconds before a place to seek for, one after the other, until the decoder starts before it; then from the start."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two frames of a video.

    Attributes:
        number: of the frame that comes next.
        pts: presentation time of the frame before, in the stream's units; None at the start or without times.
        first: presentation time of the video's first frame.
    """

    number: int
    pts: int | None = None
    first: int | None = None

    def as_dict(self) -> dict[str, int | None]:
        return asdict(self)


class Decoded(NamedTuple):
    """One frame: its number, or None for the end of a file that was cut short."""

    number: int | None
    pts: int | None
    picture: Any  # PyAV's frame, or None where there is none
    error: str | None


Found: TypeAlias = "tuple[int | None, Any, str | None]"
"""Presentation time, picture and error of a frame."""


class Decoding:
    """Iterates once over an open video, from its start or from behind a position.

    Attributes:
        unit: seconds that a unit of presentation time lasts.
        number: of the frame that comes next.
        last: presentation time of the frame before.
    """

    def __init__(self, container: Any, stream: Any, start: Position | None = None) -> None:
        self._container, self._stream = container, stream
        self.unit: Fraction = stream.time_base
        self.number = 0
        self.last: int | None = None
        self._start = start if start is not None and start.number > 0 else None
        self._broken: str | None = None
        self._counted = _without_times(container, stream)
        stream.thread_type = "AUTO"

    def __iter__(self) -> Iterator[Decoded]:
        if self._start is None:
            yield from self._all()
        elif self._start.pts is None or self._counted:  # no times to seek by: count
            yield from (item for item in self._all() if item.number is None or item.number >= self._start.number)
        else:
            yield from self._behind(self._start.number, self._start.pts)

    def _all(self) -> Iterator[Decoded]:
        for pts, picture, error in self._in_order():
            number, self.number, self.last = self.number, self.number + 1, pts
            yield Decoded(number, pts, picture, error)
        if (why := self._cut_short()) is not None:
            yield Decoded(None, None, None, why)

    def _behind(self, number: int, pts: int) -> Iterator[Decoded]:
        found = self._sought(pts)
        self.number, self.last = number, pts
        for item in found:
            if item[0] is not None and item[0] <= pts:
                continue
            self.last = item[0]
            self.number += 1
            yield Decoded(self.number - 1, *item)
        if (why := self._cut_short()) is not None:
            yield Decoded(None, None, None, why)

    def _sought(self, pts: int) -> Iterator[Found]:
        """Pictures from the key frame at or before a time on; from the start where seeking does not get there."""
        import av

        for margin in MARGINS:
            try:
                self._container.seek(int(pts - margin / self.unit), stream=self._stream, backward=True)
            except (av.FFmpegError, OSError):
                continue
            pictures = self._in_order(quiet_start=True)
            first = next(pictures, None)
            if first is not None and first[0] is not None and first[0] <= pts:
                return _with(first, pictures)
            pictures.close()
        self._container.seek(0 if self._stream.start_time is None else self._stream.start_time, stream=self._stream)
        return self._in_order()

    def _in_order(self, quiet_start: bool = False) -> Generator[Found, None, None]:
        """Time, picture and error of each frame; `quiet_start` leaves out what stands before the first picture,
        which behind a seek was only needed for display by frames before it."""
        order, started = Order(str(self._stream.codec_context.name)), not quiet_start
        if self._counted:
            yield from self._by_slots(order)
            return
        for pictures, lost in self._decoded(order):
            if started:
                yield from ((item.pts, None, item.reason) for item in lost)
            for picture in pictures:
                missing = order.shown(picture.pts)
                if started:
                    yield from ((item.pts, None, item.reason) for item in missing)
                started = True
                yield picture.pts, *_whole(picture)
        yield from ((item.pts, None, item.reason) for item in order.rest())

    def _by_slots(self, order: Order) -> Generator[Found, None, None]:
        """The same where presentation times are guesses: the n-th picture has the n-th packet's time."""
        for pictures, lost in self._decoded(order):
            for item in lost:
                yield order.slot(), None, item.reason
            for picture in pictures:
                yield order.slot(), *_whole(picture)

    def _decoded(self, order: Order) -> Iterator[tuple[list[Any], list[Lost]]]:
        """What each packet gives: pictures, and what is lost at once."""
        import av

        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError) as error:
                self._broken = first_line(error)
                packet = None
            if packet is None or (packet.size == 0 and packet.pts is None and packet.dts is None):
                yield self._last_pictures(), []
                return
            pts = None if self._counted else packet.pts
            if not packet.is_discard:
                order.sent(packet.dts if self._counted else pts)
            try:
                yield packet.decode(), []
            except (av.FFmpegError, OSError) as error:
                yield [], [] if packet.is_discard else order.failed(pts, first_line(error))

    def _last_pictures(self) -> list[Any]:
        """What the decoder still holds."""
        import av

        try:
            return list(self._stream.codec_context.decode(None))
        except (av.FFmpegError, OSError, EOFError):
            return []

    def _cut_short(self) -> str | None:
        """Why there is less than the header promised, or None."""
        if self._broken is not None:
            return f"the file cannot be read further ({self._broken}); copy or download it again"
        if (lacking := self._beyond_end()) > 0:
            return f"the file is cut short: its last {lacking:,} frames are not in it; copy or download it again"
        return None

    def _beyond_end(self) -> int:
        """How many of the frames that the container's index lists lie beyond the end of the file."""
        entries = getattr(self._stream, "index_entries", None)  # since PyAV 16
        size = self._container.size
        if entries is None or size <= 0:
            return 0
        return sum(entry.pos + entry.size > size for entry in entries)


def _whole(picture: Any) -> tuple[Any, str | None]:
    """A picture that was decoded in full and None, or None and why not."""
    return (None, "damaged: its data cannot be decoded in full") if picture.is_corrupt else (picture, None)


def _without_times(container: Any, stream: Any) -> bool:
    """Whether the container stores no presentation times and pictures are stored out of order, so that FFmpeg's
    guesses are wrong wherever the rate varies."""
    return "avi" in str(container.format.name).split(",") and bool(stream.codec_context.has_b_frames)


def _with(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
