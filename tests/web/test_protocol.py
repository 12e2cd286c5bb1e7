"""Connections whose request never comes to its end, on a real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.web.server import Server, serving

from mien.web.protocol import patient_protocol

PATIENCE = 1.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served"), workers=1, read_timeout=PATIENCE) as opened:
        yield opened


def connected(server: Server) -> socket.socket:
    where = urlsplit(server.url)
    assert where.hostname is not None
    return socket.create_connection((where.hostname, where.port or 80), timeout=30)


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "])
def test_a_head_that_never_ends_is_hung_up_on(server: Server, begun: bytes) -> None:
    with connected(server) as waiting:
        start = time.monotonic()
        waiting.sendall(begun)
        assert waiting.recv(100) == b""
        assert PATIENCE * 0.5 < time.monotonic() - start < 20


def test_a_whole_head_is_answered_and_the_connection_waits_for_the_next(server: Server) -> None:
    with connected(server) as asking:
        for _ in range(2):
            asking.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            got = b""
            while not got.endswith(b"}"):  # head and body may come apart
                part = asking.recv(65_536)
                assert part, got
                got += part
            assert got.startswith(b"HTTP/1.1 200")


def test_each_patience_is_a_protocol_of_its_own() -> None:
    assert patient_protocol(1) is not patient_protocol(2)
