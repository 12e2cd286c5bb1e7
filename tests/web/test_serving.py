"""A real server: sockets, slow clients, processes that die."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from tests.web.server import Server, serving

from mien.web.serving import address

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
READ = 1.5
"""Seconds of patience with clients."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = {"read_timeout": READ, "least_rate": 2_000, "max_picture": 1_000_000, "waiting": 4, "concurrency": 1}
    with serving(tmp_path_factory.mktemp("served"), workers=1, sockets=16, **limits) as opened:
        yield opened


def post(server: Server, body: bytes, path: str = "v1/analyze") -> tuple[int, dict[str, object]]:
    try:
        with urlopen(Request(server.url + path, body, method="POST"), timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def get(server: Server, path: str) -> str:
    with urlopen(server.url + path, timeout=30) as answer:
        return str(answer.read().decode())


def until(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def answered(connection: socket.socket, seconds: float = 20) -> bytes:
    """All that comes until the server closes."""
    connection.settimeout(seconds)
    got = b""
    try:
        while part := connection.recv(65_536):
            got += part
    except ConnectionResetError:
        pass
    return got


HEAD = b"POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\n"


def test_a_picture_is_answered_and_no_name_of_the_program_is_told(server: Server, photo: bytes) -> None:
    status, told = post(server, photo)
    assert (status, len(told["faces"])) == (200, 1)  # type: ignore[arg-type]
    with urlopen(server.url + "healthz") as answer:
        assert "server" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_client_that_never_finishes_its_head_is_left(server: Server) -> None:
    for start in (b"", b"GET / HT", HEAD + b"X-A: b\r\n"):
        with socket.create_connection(server.address) as connection:
            connection.sendall(start)
            began = time.monotonic()
            assert answered(connection) == b""
            assert READ / 2 < time.monotonic() - began < READ + 10


def test_a_body_that_stops_is_a_408(server: Server, photo: bytes) -> None:
    with socket.create_connection(server.address) as connection:
        connection.sendall(HEAD + b"Content-Length: 50000\r\n\r\n" + photo[:100])
        assert answered(connection).startswith(b"HTTP/1.1 408 ")
    until(lambda: server.left() == [])


def test_a_body_that_drips_is_a_408(server: Server) -> None:
    with socket.create_connection(server.address) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        over = threading.Event()

        def drip() -> None:
            while not over.wait(0.1):
                try:
                    connection.sendall(b"1\r\nx\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert answered(connection).startswith(b"HTTP/1.1 408 ")
        finally:
            over.set()
            thread.join()
    until(lambda: server.left() == [])


def test_a_body_without_end_is_a_413(server: Server) -> None:
    with socket.create_connection(server.address) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent < 100_000_000:
                connection.sendall(b"10000\r\n" + bytes(65_536) + b"\r\n")
                sent += 65_536
        except OSError:
            pass
        assert sent < 20_000_000
    until(lambda: server.left() == [])
    status, told = post(server, bytes(1_000_001))
    assert (status, "1,000,000 bytes" in str(told["error"])) == (413, True)


def test_a_body_cut_off_leaves_nothing(server: Server, photo: bytes) -> None:
    for _ in range(5):
        with socket.create_connection(server.address) as connection:
            connection.sendall(HEAD + b"Content-Length: 50000\r\n\r\n" + photo[:10_000])
    until(lambda: server.left() == [])
    assert post(server, photo)[0] == 200


def test_more_clients_than_places_get_an_answer_or_a_429(server: Server, photo: bytes) -> None:
    seen: Counter[int] = Counter()

    def ask() -> None:
        seen[post(server, photo)[0]] += 1

    threads = [threading.Thread(target=ask) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {200, 429}
    assert sum(seen.values()) == 24


def test_a_decoding_process_that_is_killed_comes_back(server: Server, photo: bytes) -> None:
    post(server, photo)
    (before,) = server.children()
    os.kill(before, signal.SIGKILL)
    until(lambda: before not in server.children())
    assert post(server, photo)[0] == 200
    assert server.children() != [before]


def test_every_camera_gets_fresh_frames(server: Server, photo: bytes) -> None:
    from websockets.sync.client import connect

    cameras, seconds = 5, 4.0
    answers: list[list[tuple[int, int]]] = [[] for _ in range(cameras)]

    def film(n: int) -> None:
        with connect(server.url.replace("http", "ws") + "v1/live") as opened:
            over, sent = threading.Event(), 0

            def read() -> None:
                while not over.is_set():
                    try:
                        told = json.loads(opened.recv(timeout=0.2))
                    except TimeoutError:
                        continue
                    answers[n].append((told["seq"], sent))

            reader = threading.Thread(target=read)
            reader.start()
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                opened.send(sent.to_bytes(4, "little") + photo)
                sent += 1
                time.sleep(0.01)
            over.set()
            reader.join()

    threads = [threading.Thread(target=film, args=(n,)) for n in range(cameras)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [len(each) for each in answers]
    assert min(counts) >= 3
    assert max(counts) <= 2 * min(counts) + 2  # they take turns
    for each in answers:
        assert [seq for seq, _ in each] == sorted({seq for seq, _ in each})
    until(lambda: "mien_live_sockets 0" in get(server, "metrics"))


def test_a_message_too_large_ends_its_socket_alone(server: Server, photo: bytes) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    url = server.url.replace("http", "ws") + "v1/live"
    with connect(url) as good, connect(url) as bad:
        with contextlib.suppress(ConnectionClosed):
            bad.send(bytes(5_000_000))
        with pytest.raises(ConnectionClosed):
            bad.recv(timeout=20)
        good.send(b"\1\0\0\0" + photo)
        assert json.loads(good.recv(timeout=20))["seq"] == 1


def test_after_all_that_it_is_small_and_clean(server: Server) -> None:
    metrics = dict(
        line.split() for line in get(server, "metrics").splitlines() if line.startswith("mien_") and "{" not in line
    )
    assert float(metrics["mien_resident_bytes"]) < 1 << 30
    assert (metrics["mien_spool_bytes"], metrics["mien_uploads"], metrics["mien_pictures_waiting"]) == ("0", "0", "0")
    assert server.left() == []


def test_a_server_that_is_killed_leaves_no_process_and_its_files_go_with_the_next(
    tmp_path: Path, film: Callable[..., bytes]
) -> None:
    with serving(tmp_path, workers=1) as server:
        post(server, film(n=2000), "v1/jobs")
        until(lambda: len(server.children()) == 2)
        children = server.children()
        server.process.kill()
        server.process.wait()
        until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes()
                              for pid in children))  # fmt: skip
        assert server.left() != []
    with serving(tmp_path, workers=1) as server:
        assert server.left() == []
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0
    assert list(tmp_path.glob("mien-serve-*")) == []


def test_addresses_are_such_as_a_browser_opens() -> None:
    assert address("127.0.0.1", 8000) == "http://127.0.0.1:8000/"
    assert address("0.0.0.0", 80) == "http://127.0.0.1:80/"
    assert address("::", 80) == "http://[::1]:80/"
