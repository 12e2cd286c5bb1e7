from __future__ import annotations

import errno
import hashlib
import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mien.errors import MienError
from mien.runtime import fetch as module
from mien.runtime.fetch import fetch

CONTENT = bytes(range(256)) * 400
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENT at any path.

    Attributes:
        ranges: whether it answers a Range with the rest.
        cut: it drops the connection after so many bytes of an answer, the first number first; then no more.
        codes: it answers with these before it serves anything.
        asked: the Range of every request.
    """

    daemon_threads = True
    ranges = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.cut: list[int] = []
        self.codes: list[int] = []
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.pt"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        server, wanted = self.server, self.headers["Range"]
        server.asked.append(wanted)
        if server.codes:
            self.send_error(server.codes.pop(0))
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.ranges else 0
        if start >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.end_headers()
            return
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cut.pop(0)] if server.cut else body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "weights.pt"


def part_of(target: Path) -> Path:
    return target.with_name("weights.pt.part")


def get(server: Server, target: Path, sha256: str = DIGEST, **options: Any) -> list[float]:
    """Seconds waited between attempts."""
    waited: list[float] = []
    fetch(server.url, target, sha256, **{"size": len(CONTENT), "sleep": waited.append, **options})
    return waited


def test_whole(server: Server, target: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    assert get(server, target, progress=lambda done, total: seen.append((done, total))) == []
    assert target.read_bytes() == CONTENT
    assert not part_of(target).exists()
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    get(server, target)  # there already
    assert server.asked == [None]


def test_a_cut_connection_is_gone_on_with(server: Server, target: Path) -> None:
    server.cut = [1000, 500]
    assert get(server, target) == [1.0, 1.0]  # bytes came: the waiting does not grow
    assert target.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000-", "bytes=1500-"]


def test_what_a_killed_run_left_is_kept(server: Server, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT[:70_000])
    get(server, target)
    assert server.asked == ["bytes=70000-"]
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(server: Server, target: Path) -> None:
    server.ranges = False
    server.cut = [1000]
    get(server, target)
    assert server.asked == [None, "bytes=1000-"]
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_part_that_is_whole_needs_no_more_bytes(server: Server, target: Path, size: int | None) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT)
    get(server, target, size=size)
    assert server.asked == ([f"bytes={len(CONTENT)}-"] if size is None else [])
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_part_that_is_too_long_is_thrown_away(server: Server, target: Path, size: int | None) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT + b"more")
    get(server, target, size=size)
    assert target.read_bytes() == CONTENT


def test_cut_off_for_good_says_that_it_goes_on_later(server: Server, target: Path) -> None:
    server.cut = [1000, 0, 0, 0, 0, 0]
    with pytest.raises(MienError, match=r"ended after 1,000 of 102,400 bytes; the 1,000 bytes that came are kept"):
        get(server, target)
    assert part_of(target).read_bytes() == CONTENT[:1000]
    server.cut = []
    get(server, target)
    assert server.asked[-1] == "bytes=1000-"
    assert target.read_bytes() == CONTENT


def test_another_content_is_removed(server: Server, target: Path) -> None:
    with pytest.raises(MienError, match=rf"sha256 {DIGEST[:12]}\.\.\., expected 000000000000"):
        get(server, target, sha256="0" * 64)
    assert list(target.parent.iterdir()) == []


def test_another_size_is_seen_before_it_is_fetched(server: Server, target: Path) -> None:
    with pytest.raises(MienError, match="has 102,400 bytes, expected 102,401"):
        get(server, target, size=len(CONTENT) + 1)


def test_not_found(server: Server, target: Path) -> None:
    server.codes = [404]
    with pytest.raises(MienError, match="the server says 404 Not Found; it may have moved"):
        get(server, target)
    assert server.asked == [None]


def test_a_busy_server_is_asked_again_after_longer_and_longer(server: Server, target: Path) -> None:
    server.codes = [500, 503, 429]
    assert get(server, target) == [1.0, 2.0, 4.0]
    assert target.read_bytes() == CONTENT
    target.unlink()
    server.codes = [500] * 5
    with pytest.raises(MienError, match="says 500 Internal Server Error; try later"):
        get(server, target)


def test_no_network(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/weights.pt"
        with pytest.raises(MienError, match=r"no connection \(Connection refused\).*--from FOLDER"):
            fetch(url, target, DIGEST)


def test_a_silent_server_is_given_up(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 2)
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/weights.pt"
        with pytest.raises(MienError, match="no answer in time; try later"):
            fetch(url, target, DIGEST, sleep=lambda _: None, timeout=0.05)


def test_a_full_disk(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
        with pytest.raises(MienError, match=r"MB free.*MIEN_CACHE"):
            get(server, target)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_room", full)
    with pytest.raises(MienError, match="no room left on the disk"):
        get(server, target)


def test_a_proxy_of_the_environment_is_asked(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url.rsplit("/", 1)[0])
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    fetch("http://weights.invalid/weights.pt", target, DIGEST)
    assert target.read_bytes() == CONTENT


def test_a_file_is_copied_and_held_against_its_digest(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "by-hand.pt"
    source.write_bytes(CONTENT)
    fetch(str(source), target, DIGEST.upper())
    assert target.read_bytes() == CONTENT
    assert source.exists()
    source.write_bytes(b"other")
    target.unlink()
    with pytest.raises(MienError, match="not the file that is meant"):
        fetch(str(source), target, DIGEST)
    with pytest.raises(MienError, match=r"nothing\.pt: No such file"):
        fetch(str(tmp_path / "nothing.pt"), target, DIGEST)
