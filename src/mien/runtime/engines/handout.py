"""Who does what: pieces are handed out in chunks, those of a lost worker again, none twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from mien.runtime.engines.blocks import Answer
from mien.runtime.engines.work import Piece

CHUNK = 16
"""Pictures that are handed out at once, at most: so many are done again when a worker is lost."""
STRIKES = 2
"""Workers that a piece may take with it when it is alone with them."""


class Handout:
    """Pieces that are waiting, with a worker, or done. Videos go first, as the longest pieces of work.

    A worker that dies over several pictures says nothing about which of them it was: they are handed out again one
    by one. A piece that was alone with a worker each time is given up after STRIKES of them.
    """

    def __init__(self, pieces: Sequence[Piece], workers: int, done: Collection[int] = ()) -> None:
        left = [piece for piece in pieces if piece.number not in done]
        self._fresh = deque(sorted(left, key=lambda piece: not piece.video))
        self._suspects: deque[Piece] = deque()
        self._out: dict[int, Piece] = {}
        self._strikes: dict[int, int] = {}
        self._workers = max(workers, 1)
        self.again = 0

    @property
    def left(self) -> int:
        """Pieces that are not done yet."""
        return len(self._fresh) + len(self._suspects) + len(self._out)

    @property
    def waiting(self) -> int:
        """Pieces that no worker has."""
        return len(self._fresh) + len(self._suspects)

    def next(self) -> tuple[Piece, ...]:
        """Pieces for a worker that is free; none where all are done or with others."""
        chunk: list[Piece] = []
        if self._fresh:
            most = min(CHUNK, max(1, len(self._fresh) // (2 * self._workers)))  # small ones at the end, to end together
            while self._fresh and len(chunk) < most and not (chunk and self._fresh[0].video):
                chunk.append(self._fresh.popleft())
                if chunk[-1].video:
                    break
        elif self._suspects:
            chunk.append(self._suspects.popleft())
        self._out |= {piece.number: piece for piece in chunk}
        return tuple(chunk)

    def done(self, answer: Answer) -> None:
        """An answer has come.

        Raises:
            KeyError: to a piece that no worker has: it would stand in the table twice.
        """
        for told in answer.told:
            del self._out[told.number]

    def lost(self, chunk: Sequence[Piece]) -> list[Piece]:
        """A worker died over these: they wait again, but for those that are given up, which are handed back."""
        if len(chunk) == 1:
            number = chunk[0].number
            self._strikes[number] = self._strikes.get(number, 0) + 1
            if self._strikes[number] >= STRIKES:
                return [self._out[number]]
        for piece in chunk:
            self._suspects.append(self._out.pop(piece.number))
        self.again += len(chunk)
        return []
