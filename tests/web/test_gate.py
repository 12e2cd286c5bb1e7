from __future__ import annotations

import asyncio

import pytest

from mien.web.gate import Gate
from mien.web.refusal import Refusal


def test_who_comes_first_is_served_first_and_the_rest_wait() -> None:
    order: list[int] = []
    most = 0

    async def visit(gate: Gate, n: int) -> None:
        nonlocal most
        async with gate:
            order.append(n)
            most = max(most, len(inside) + 1)
            inside.add(n)
            await asyncio.sleep(0)
            inside.discard(n)

    inside: set[int] = set()

    async def all_of_them() -> None:
        gate = Gate(2)
        await asyncio.gather(*(visit(gate, n) for n in range(10)))
        assert gate.waiting == 0

    asyncio.run(all_of_them())
    assert order == list(range(10))
    assert most == 2


def test_more_than_may_wait_are_refused_and_places_come_back() -> None:
    async def look() -> None:
        gate = Gate(1, 1)
        async with gate:
            waiting = asyncio.create_task(gate.__aenter__())
            await asyncio.sleep(0)
            with pytest.raises(Refusal) as refused:
                await gate.__aenter__()
            assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
            waiting.cancel()
            await asyncio.sleep(0)
            assert gate.waiting == 0
        async with gate:
            pass

    asyncio.run(look())
