from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mien.errors import MienError
from mien.lab.opendr.download import SERVER, download


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


class Server(ThreadingHTTPServer):
    """OpenDR's folder; `short` cuts off what it announces."""

    daemon_threads = True
    short = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.files = {
            "/fee/data/AffectNet_micro.zip": zipped(AffectNet_micro__Validation__0__a=b"1"),
            "/fee/pretrained/esr_9.zip": zipped(esr_9__esr_9_json=b"{}"),
            "/fee/demo/sheldon.jpg": b"picture",
            "/fee/demo/big_bang.mp4": b"video",
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/fee"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:5] if self.server.short else body)


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


@pytest.mark.parametrize(
    ("mode", "place"),
    [
        ("data", "data/AffectNet_micro"),
        ("pretrained", "pretrained/esr_9"),
        ("demo_image", "demo/sheldon.jpg"),
        ("demo_video", "demo/big_bang.mp4"),
    ],
)
def test_every_mode_once(tmp_path: Path, server: Server, mode: str, place: str) -> None:
    for _ in range(2):
        assert download(tmp_path / "tmp", mode, server.url + "/") == tmp_path / "tmp" / place
    assert len(server.asked) == 1
    assert (tmp_path / "tmp" / place).exists()
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


def test_a_file_that_was_put_there_is_unpacked_without_a_network(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "AffectNet_micro.zip").write_bytes(zipped(AffectNet_micro__a=b"1"))
    assert (download(tmp_path, "data") / "a").read_bytes() == b"1"


def test_a_digest_is_held(tmp_path: Path, server: Server) -> None:
    good = hashlib.sha256(b"picture").hexdigest()
    assert download(tmp_path, "demo_image", server.url, sha256=good.upper()).read_bytes() == b"picture"
    with pytest.raises(MienError, match=r"expected 000000000000\.\.\.; remove it"):
        download(tmp_path, "demo_image", server.url, sha256="0" * 64)


def test_what_fails(tmp_path: Path, server: Server) -> None:
    assert SERVER == "ftp://opendrdata.csd.auth.gr/perception/facial_emotion_estimation"
    with pytest.raises(MienError, match="mode 'model': one of data, pretrained, demo_image, demo_video"):
        download(tmp_path, "model")
    with pytest.raises(MienError, match="the server says 404"):
        download(tmp_path, "data", server.url + "/other")
    server.short = True
    with pytest.raises(MienError, match=r"cut off|no connection"):
        download(tmp_path, "data", server.url)
    server.short = False
    server.files["/fee/data/AffectNet_micro.zip"] = b"no zip"
    with pytest.raises(MienError, match="not a whole ZIP file"):
        download(tmp_path / "a", "data", server.url)
    server.files["/fee/data/AffectNet_micro.zip"] = zipped(other__a=b"1")
    with pytest.raises(MienError, match="no folder AffectNet_micro in it"):
        download(tmp_path / "b", "data", server.url)
    with pytest.raises(MienError, match="give an ftp, http or https address"):
        download(tmp_path / "c", "data", "somewhere")
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="name a folder that can be written"):
        download(tmp_path / "file", "data", server.url)


def test_without_a_network_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"no connection .* put it at .*AffectNet_micro\.zip"):
        download(tmp_path, "data", "http://127.0.0.1:9/fee")  # a port where nobody listens
    assert not list(tmp_path.rglob("*.*"))


def test_nothing_leaves_the_folder(tmp_path: Path, server: Server) -> None:
    body = zipped(AffectNet_micro__a=b"1", **{"..__..__evil": b"2"})
    server.files["/fee/data/AffectNet_micro.zip"] = body
    download(tmp_path / "deep" / "deeper", "data", server.url)
    assert [path for path in tmp_path.rglob("evil") if "AffectNet_micro" in path.parts] == []
    assert not list(tmp_path.glob("evil"))
    assert not list((tmp_path / "deep").glob("evil"))
