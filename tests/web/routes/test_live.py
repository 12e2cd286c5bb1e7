from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from mien.web.routes.live import Newest

LOCAL = {"host": "localhost:8000"}


def test_a_frame_is_answered_with_its_number_and_faces(client: Any, photo: bytes) -> None:
    with client.websocket_connect("/v1/live", headers=LOCAL) as socket:
        socket.send_bytes(b"\x07\x01\0\0" + photo)
        told = json.loads(socket.receive_text())
    assert (told["seq"], told["width"], told["height"], told["dropped"]) == (263, 582, 640, 0)
    assert told["faces"][0]["top"] == "neutral"
    assert told["ms"] > 0


def test_a_frame_that_cannot_be_read_is_told_and_the_socket_stays_open(client: Any, photo: bytes) -> None:
    with client.websocket_connect("/v1/live", headers=LOCAL) as socket:
        socket.send_bytes(b"\x01\0\0\0" + photo[:500])
        told = socket.receive_json()
        assert told["seq"] == 1
        assert "error" in told
        socket.send_text("no frame")
        assert "binary" in socket.receive_json()["error"]
        socket.send_bytes(b"\x02\0\0\0" + photo)
        assert len(socket.receive_json()["faces"]) == 1


def test_only_the_newest_frame_waits() -> None:
    async def look() -> tuple[bytes, int]:
        newest = Newest()
        for frame in (b"1", b"2", b"3"):
            newest.put(frame)
        await newest.there()
        return newest.take(), newest.dropped

    assert asyncio.run(look()) == (b"3", 2)


def test_late_frames_are_dropped_and_counted(client: Any, photo: bytes) -> None:
    with client.websocket_connect("/v1/live", headers=LOCAL) as socket:
        for number in range(60):
            socket.send_bytes(number.to_bytes(4, "little") + photo)
        answers = [socket.receive_json()]
        while answers[-1]["seq"] != 59:
            answers.append(socket.receive_json())
    numbers = [told["seq"] for told in answers]
    assert numbers == sorted(numbers)
    assert len(numbers) + answers[-1]["dropped"] == 60
    assert answers[-1]["dropped"] > 0


def test_a_server_that_stops_while_a_socket_closes_takes_its_own_cancellation_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import anyio

    from mien.web.routes import live

    class Closed:
        async def receive(self) -> dict[str, str]:
            return {"type": "websocket.disconnect"}

        async def close(self, code: int) -> None:
            pass

    async def slow_to_end(*_: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)

    monkeypatch.setattr(live, "_answer", slow_to_end)
    service: Any = SimpleNamespace(metrics=SimpleNamespace(add=lambda *_: None))

    async def look() -> bool:
        with anyio.CancelScope() as scope:
            asyncio.get_running_loop().call_later(0.1, scope.cancel)
            await live._serve(service, Closed())  # type: ignore[arg-type]
        return scope.cancelled_caught

    assert asyncio.run(look())


def test_a_page_of_another_server_cannot_open_the_socket(client: Any) -> None:
    from starlette.websockets import WebSocketDisconnect

    for headers in ({"host": "evil.example"}, LOCAL | {"origin": "http://evil.example"}):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/v1/live", headers=headers):
            pass


def test_one_socket_too_many_is_turned_away(client: Any, service: Any) -> None:
    from starlette.websockets import WebSocketDisconnect

    service.sockets += service.settings.sockets
    try:
        with client.websocket_connect("/v1/live", headers=LOCAL) as socket, pytest.raises(WebSocketDisconnect) as shut:
            socket.receive_text()
        assert shut.value.code == 1013
    finally:
        service.sockets -= service.settings.sockets
