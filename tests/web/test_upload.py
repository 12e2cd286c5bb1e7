from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from mien.web.refusal import Refusal
from mien.web.settings import Settings
from mien.web.spool import Spool
from mien.web.upload import Upload, Uploads

FAST = Settings(read_timeout=0.1, least_rate=100_000, uploads=1)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(1_000_000, tmp_path)
    yield made
    made.close()


def request(chunks: Sequence[bytes], headers: dict[str, str] | None = None, pause: float = 0) -> Request:
    waiting = iter(chunks)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        try:
            return {"type": "http.request", "body": next(waiting), "more_body": True}
        except StopIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    coded = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "method": "POST", "headers": coded}, receive)


def taken(uploads: Uploads, asked: Request, most: int = 1000) -> tuple[bytes, Upload]:
    async def read() -> tuple[bytes, Upload]:
        async with uploads.one(asked, most) as upload:
            assert upload.path.stat().st_mode & 0o077 == 0 or upload.path.parent.stat().st_mode & 0o077 == 0
            return upload.read(), upload

    return asyncio.run(read())


def refused(uploads: Uploads, asked: Request, most: int = 1000) -> Refusal:
    with pytest.raises(Refusal) as caught:
        taken(uploads, asked, most)
    return caught.value


def test_a_body_is_a_file_for_as_long_as_the_block_lasts(spool: Spool) -> None:
    uploads = Uploads(spool, FAST)
    data, upload = taken(uploads, request([b"ab", b"", b"c" * 998]))
    assert data == b"ab" + b"c" * 998
    assert (upload.size, upload.head, upload.name) == (1000, data[:512], "")
    assert (upload.path.exists(), spool.used, uploads.now) == (False, 0, 0)


def test_sizes_are_held_while_it_comes_and_before(spool: Spool) -> None:
    uploads = Uploads(spool, FAST)
    assert refused(uploads, request([b"x" * 600] * 2)).status == 413
    assert refused(uploads, request([], {"content-length": "1001"})).status == 413
    assert refused(uploads, request([b"x"] * 10), most=9).status == 413
    assert refused(uploads, request([])).status == 422
    assert spool.used == 0
    assert [path.name for path in spool.folder.iterdir()] == ["lock"]


def test_one_file_that_moves_away_is_kept(spool: Spool) -> None:
    async def read() -> None:
        async with Uploads(spool, FAST).one(request([b"abc"]), 10) as upload:
            upload.path.rename(spool.folder / "kept")
            upload.size = 0  # counted elsewhere

    asyncio.run(read())
    assert (spool.folder / "kept").read_bytes() == b"abc"
    assert spool.used == 3


def test_slowness_is_a_408(spool: Spool) -> None:
    uploads = Uploads(spool, FAST)
    assert "nothing came" in refused(uploads, request([b"x"] * 3, pause=0.5)).message
    drip = refused(uploads, request([b"x"] * 500, pause=0.02))
    assert (drip.status, "slower than" in drip.message) == (408, True)


def test_only_so_many_are_read_at_once(spool: Spool) -> None:
    uploads = Uploads(spool, FAST)

    async def both() -> int:
        async with uploads.one(request([b"a"]), 10):
            try:
                async with uploads.one(request([b"b"]), 10):
                    return 200
            except Refusal as refusal:
                return refusal.status

    assert asyncio.run(both()) == 429


def test_a_client_that_goes_away_leaves_nothing(spool: Spool) -> None:
    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    asked = Request({"type": "http", "method": "POST", "headers": []}, receive)  # type: ignore[arg-type]
    assert refused(Uploads(spool, FAST), asked).status == 400
    assert [path.name for path in spool.folder.iterdir()] == ["lock"]
