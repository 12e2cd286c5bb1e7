from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from mien.web.guard import HEADERS, Guard
from mien.web.settings import Settings

TOKEN = "s3cret-token"
LOCAL = "http://localhost:8000"


def served(settings: Settings) -> Any:
    from starlette.testclient import TestClient

    app = FastAPI()

    @app.get("/v1/things")
    @app.post("/v1/things")
    @app.get("/healthz")
    @app.get("/page/a.js")
    async def things() -> dict[str, str]:
        return {"a": "b"}

    @app.websocket("/v1/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    app.add_middleware(Guard, settings=settings)
    return TestClient(app, base_url=LOCAL)


@pytest.fixture
def client() -> Iterator[Any]:
    with served(Settings()) as opened:
        yield opened


@pytest.fixture
def guarded() -> Iterator[Any]:
    with served(Settings(host="0.0.0.0", token=TOKEN, allow_hosts=("lab.example.org",))) as opened:
        yield opened


def test_every_answer_carries_the_headers(client: Any) -> None:
    for path in ("/v1/things", "/nothing"):
        answer = client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "[::1", "a b"])
def test_a_strange_name_is_refused(client: Any, host: str) -> None:
    assert client.get("/v1/things", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "192.168.1.7:8000"])
def test_loopback_and_addresses_are_known(client: Any, host: str) -> None:
    assert client.get("/v1/things", headers={"host": host}).status_code == 200


def test_pages_of_other_servers_may_not_send(client: Any) -> None:
    for origin in ("http://evil.example", "http://localhost:9000", "null"):
        assert client.post("/v1/things", headers={"origin": origin}).status_code == 403
    assert client.post("/v1/things", headers={"origin": LOCAL}).status_code == 200
    with served(Settings(allow_origins=("https://lab.example.org/",))) as allowed:
        assert allowed.post("/v1/things", headers={"origin": "https://lab.example.org"}).status_code == 200


def test_the_token_opens_and_nothing_else_does(guarded: Any) -> None:
    answer = guarded.get("/v1/things")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert TOKEN not in answer.text
    for value in ("Bearer wrong", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x", "Bearer \xe4"):
        assert guarded.get("/v1/things", headers={"authorization": value.encode("latin-1")}).status_code == 401, value
    assert guarded.get("/v1/things", headers={"authorization": f"bearer {TOKEN}"}).status_code == 200
    assert guarded.get(f"/v1/things?token={TOKEN}").status_code == 200
    assert guarded.post(f"/v1/things?token={TOKEN}").status_code == 401  # a form elsewhere could send that
    for path in ("/healthz", "/page/a.js"):
        assert guarded.get(path).status_code == 200


def test_the_socket_wants_the_token_too(guarded: Any) -> None:
    from starlette.websockets import WebSocketDisconnect

    local = {"host": "lab.example.org"}
    with guarded.websocket_connect("/v1/live", headers=local) as socket, pytest.raises(WebSocketDisconnect) as shut:
        socket.receive_text()
    assert (shut.value.code, "token" in shut.value.reason) == (1008, True)
    with guarded.websocket_connect(f"/v1/live?token={TOKEN}", headers=local) as socket:
        assert socket.receive_text() == "hello"
