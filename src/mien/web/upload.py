"""One file from a client, streamed into the spool under running limits: size, time, and never a name of theirs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from mien.web.multipart import FormReader
from mien.web.refusal import Refusal, busy
from mien.web.settings import Settings
from mien.web.spool import Spool

HEAD = 512
"""Bytes that are kept to tell what a file is."""
ROOM = 65_536
"""Bytes by which a form may be larger than the file in it."""


@dataclass(slots=True)
class Upload:
    """A file that a client sent, in the spool."""

    path: Path
    size: int = 0
    head: bytes = b""
    name: str = ""  # as the client calls it, for the table alone
    fields: dict[str, str] = field(default_factory=dict)

    def read(self) -> bytes:
        """The whole file."""
        return self.path.read_bytes()


class Uploads:
    """Reads bodies, so many at once."""

    def __init__(self, spool: Spool, settings: Settings) -> None:
        self._spool, self._settings = spool, settings
        self.now = 0

    @asynccontextmanager
    async def one(self, request: Request, most: int, fields: Sequence[str] = ()) -> AsyncIterator[Upload]:
        """The file of a request: the part `file` of a form, or the whole body; deleted when the block ends.

        A caller that keeps the file moves it away.

        Args:
            most: bytes of the file.
            fields: names that a form may have beside `file`.

        Raises:
            Refusal: 400, 408, 413, 422 or 429, with the reason.
        """
        if self.now >= self._settings.uploads:
            raise busy("too many uploads at once")
        self.now += 1
        upload = Upload(self._spool.new())
        try:
            await self._read(request, upload, most, fields)
            yield upload
        finally:
            self.now -= 1
            self._spool.give_back(upload.size)
            with contextlib.suppress(OSError):
                upload.path.unlink(missing_ok=True)

    async def _read(self, request: Request, upload: Upload, most: int, fields: Sequence[str]) -> None:
        form = request.headers.get("content-type", "").lower().startswith("multipart/")
        room = most + (ROOM if form else 0)
        told = request.headers.get("content-length", "")
        if told.isascii() and told.isdigit() and int(told) > room:
            raise _too_large(most)
        with upload.path.open("xb") as stream:

            def store(data: bytes) -> None:
                if upload.size + len(data) > most:
                    raise _too_large(most)
                self._spool.take(len(data))
                upload.size += len(data)
                if len(upload.head) < HEAD:
                    upload.head += data[: HEAD - len(upload.head)]
                stream.write(data)

            take: Callable[[bytes], None] = store
            reader = None
            if form:
                reader = FormReader(request.headers["content-type"], store, fields)
                take = reader.feed
            received = 0
            async for chunk in self._patiently(request):
                received += len(chunk)
                if received > room:
                    raise _too_large(most)
                take(chunk)
        if reader is not None:
            upload.fields, upload.name = reader.close()
        if not upload.size:
            raise Refusal(422, "no file came; send it as the body or as the part `file` of a form")

    async def _patiently(self, request: Request) -> AsyncIterator[bytes]:
        """The body's chunks, as long as they come fast enough."""
        allowed, rate = self._settings.read_timeout, self._settings.least_rate
        start, received = time.monotonic(), 0
        stream = request.stream().__aiter__()
        while True:
            try:
                chunk = await asyncio.wait_for(anext(stream), allowed)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise Refusal(408, f"nothing came for {allowed:g} s; send the file again") from None
            except ClientDisconnect:
                raise Refusal(400, "the connection ended within the file; send it again") from None
            received += len(chunk)
            taken = time.monotonic() - start
            if taken > allowed and received < rate * (taken - allowed):
                raise Refusal(408, f"came slower than {rate} bytes a second; send the file again")
            yield chunk


def _too_large(most: int) -> Refusal:
    return Refusal(413, f"larger than the limit of {most:,} bytes; shrink the file")
