"""Which of a stream's packets have become pictures: numbers in the order of display, and the ones that were lost."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field

HIDDEN = frozenset({"vp8"})
"""Codings whose packets may hold a picture that is never shown: one that is missing is no loss."""


@dataclass
class Lost:
    """A packet that gave no picture."""

    pts: int | None
    reason: str


@dataclass
class Order:
    """Keeps the presentation times of packets that were handed to the decoder and not shown yet.

    A frame's number is its place in the order of presentation times of all packets, also of those that could not
    be decoded, so that a damaged frame does not shift the numbers of all that follow.
    """

    codec: str
    _waiting: list[int] = field(default_factory=list)
    _reasons: dict[int, str] = field(default_factory=dict)

    def sent(self, pts: int | None) -> None:
        """A packet goes to the decoder; pts None where the container gives no times."""
        if pts is not None and self.codec not in HIDDEN:
            insort(self._waiting, pts)

    def failed(self, pts: int | None, reason: str) -> list[Lost]:
        """The decoder refused a packet; what is lost at once, where there is no time to sort it by."""
        if pts is None or self.codec in HIDDEN:
            return [Lost(pts, reason)]
        self._reasons[pts] = reason
        return []

    def shown(self, pts: int | None) -> list[Lost]:
        """A picture came out; what should have come before it and did not, in order."""
        if pts is None:
            return []
        at = bisect_right(self._waiting, pts)
        before, self._waiting = self._waiting[:at], self._waiting[at:]
        if before and before[-1] == pts:
            before.pop()
        return [self._lost(time) for time in before]

    def slot(self) -> int | None:
        """The earliest time that was sent and not shown yet, now taken."""
        return self._waiting.pop(0) if self._waiting else None

    def rest(self) -> list[Lost]:
        """What never came out, at the end of the stream."""
        left, self._waiting = self._waiting, []
        return [self._lost(time) for time in left]

    def _lost(self, pts: int) -> Lost:
        return Lost(pts, self._reasons.pop(pts, "the decoder gave no picture for it"))
