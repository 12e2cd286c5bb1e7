"""`/v1/live`: camera frames in, faces out; a frame that comes while another is analysed replaces the one that waits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import time
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from mien.web.answers import faces_told
from mien.web.refusal import Refusal
from mien.web.service import Service

HEAD = struct.Struct("<I")
MOST = 4_000_000
"""Bytes of one message; uvicorn closes the socket at more."""
IDLE = 600.0
"""Seconds without a frame after which a socket is closed."""


class Newest:
    """The newest frame of one socket, and how many never were looked at."""

    def __init__(self) -> None:
        self.dropped = 0
        self._frame: bytes | None = None
        self._here = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """A frame came; one that still waits is dropped."""
        self.dropped += self._frame is not None
        self._frame = frame
        self._here.set()

    async def there(self) -> None:
        """Wait until there is one."""
        await self._here.wait()

    def take(self) -> bytes:
        """The newest there is."""
        frame, self._frame = self._frame, None
        self._here.clear()
        assert frame is not None
        return frame


def router(service: Service) -> APIRouter:
    """The route, for one server."""
    routes = APIRouter()

    @routes.websocket("/v1/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        if service.sockets >= service.settings.sockets:
            await socket.close(1013, "too many cameras at once; try again later")
            return
        service.sockets += 1
        try:
            await _serve(service, socket)
        finally:
            service.sockets -= 1

    return routes


async def _serve(service: Service, socket: WebSocket) -> None:
    newest = Newest()
    answering = asyncio.create_task(_answer(service, socket, newest))
    reading = asyncio.create_task(_read(socket, newest))
    try:
        done, _ = await asyncio.wait({answering, reading}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with contextlib.suppress(WebSocketDisconnect, TimeoutError, RuntimeError, OSError):
                task.result()
    finally:
        for task in (answering, reading):
            task.cancel()
        # not gather: cancelled itself, it raises these tasks' cancellation, which no scope around us knows for its own
        ended, _ = await asyncio.wait({answering, reading})
        for task in ended:
            with contextlib.suppress(asyncio.CancelledError, Exception):  # told already, or of a socket that is gone
                task.result()
        service.metrics.add("live_dropped", newest.dropped)
        with contextlib.suppress(Exception):  # most often it is closed already
            await socket.close(1000)


async def _read(socket: WebSocket, newest: Newest) -> None:
    """Take frames as fast as they come, so that none waits in the network's buffers."""
    while True:
        message = await asyncio.wait_for(socket.receive(), IDLE)
        if message["type"] == "websocket.disconnect":
            return
        newest.put(message.get("bytes") or b"")


async def _answer(service: Service, socket: WebSocket, newest: Newest) -> None:
    while True:
        await newest.there()
        async with service.live:  # sockets take turns, and each chooses its frame when its turn comes
            frame = newest.take()
            told = await _told(service, frame)
        told["dropped"] = newest.dropped
        await socket.send_text(json.dumps(told, allow_nan=False, separators=(",", ":")))


async def _told(service: Service, frame: bytes) -> dict[str, Any]:
    """The answer to one message."""
    start = time.perf_counter()
    if len(frame) <= HEAD.size:
        return {"seq": None, "error": "expected binary: four bytes of number, little-endian, then a JPEG"}
    (number,) = HEAD.unpack_from(frame)
    try:
        image = await asyncio.wrap_future(service.pool.picture(frame[HEAD.size :]))
        faces = faces_told(await asyncio.wrap_future(service.inference.faces(image)))
    except Refusal as refusal:
        return {"seq": number, "error": refusal.message}
    service.metrics.add("live_frames")
    service.metrics.add("faces", len(faces))
    return {
        "seq": number,
        "faces": faces,
        "width": image.shape[1],
        "height": image.shape[0],
        "ms": round(1000 * (time.perf_counter() - start), 1),
    }
