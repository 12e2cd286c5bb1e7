"""Which frames are looked at: each N-th, or so many a second."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mien.errors import MienError


@dataclass
class Choice:
    """Says frame by frame, in order, whether it is looked at.

    With `every`, frames whose number is a multiple of it. With `fps`, the first frame at or after each tick of a
    clock that starts with the first frame; a frame that ends up short of its tick by less than half a unit of the
    container's clock counts, since containers such as Matroska round times to milliseconds.

    Raises:
        MienError: both, or values that make no sense.
    """

    every: int = 1
    fps: float | None = None
    first: Fraction | None = None  # time of the first frame, in seconds
    last: Fraction | None = None  # time of the frame before this one

    def __post_init__(self) -> None:
        if self.every < 1:
            raise MienError(f"every {self.every}: each first, second, ... frame; give 1 or more")
        if self.fps is not None and not 0 < self.fps < 100_000:
            raise MienError(f"fps {self.fps}: frames a second to look at; give a positive number")
        if self.fps is not None and self.every != 1:
            raise MienError("every and fps both choose the frames; give one of them")
        self._rate = Fraction(str(self.fps)) if self.fps is not None else None

    def wants(self, number: int, time: Fraction | None, unit: Fraction) -> bool:
        """Whether this frame is looked at; to be asked once for each frame, in order.

        Args:
            number: the source's own.
            time: in seconds, exact; None where it is not known, which `fps` leaves out.
            unit: of the container's clock, in seconds.
        """
        if self._rate is None:
            return number % self.every == 0
        if time is None:
            return False
        if self.first is None or self.last is None:
            self.first = self.last = time
            return True
        before, now = (((at + unit / 2 - self.first) * self._rate) // 1 for at in (self.last, time))
        self.last = max(self.last, time)
        return now > before
