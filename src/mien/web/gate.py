"""How many may be at work at once, and how many may wait for it, first come, first served."""

from __future__ import annotations

import asyncio
from types import TracebackType

from mien.web.refusal import busy


class Gate:
    """`async with gate:` waits for a place, or refuses with 429 where too many wait already.

    Args:
        places: at work at once.
        waiting: in the queue at most; None: as many as come.
    """

    def __init__(self, places: int, waiting: int | None = None) -> None:
        self._places = asyncio.Semaphore(places)  # asyncio's semaphores are fair: they wake in order
        self._most = waiting
        self.waiting = 0

    async def __aenter__(self) -> None:
        if self._most is not None and self._places.locked() and self.waiting >= self._most:
            raise busy("too many requests at once")
        self.waiting += 1
        try:
            await self._places.acquire()
        finally:
            self.waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()
