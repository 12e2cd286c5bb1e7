"""A real Chromium with its fake camera, and a page on the fake server; skipped where either is missing."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
    from tests.web.page.fake_server import Fake

CHROMIUM = os.environ.get("MIEN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ELSEWHERE = "lab.example"  # a name that Chromium takes for another machine
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
)


@pytest.fixture(scope="module")  # playwright's event loop runs until its end: no asyncio.run in tests before that
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium; name one in MIEN_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def fake() -> Fake:
    pytest.importorskip("starlette")
    pytest.importorskip("uvicorn")
    from tests.web.page.fake_server import Fake

    return Fake()


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """`visit(path="", width=1280, camera=False, **context)`: the page, ready; trouble in its console fails the test."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith((address, "blob:", "data:", f"http://{ELSEWHERE}:")):
            trouble.append(f"asked elsewhere: {request.url}")

    def said(message: ConsoleMessage) -> None:
        if "Content Security" in message.text:
            trouble.append(message.text)

    def visit(path: str = "", *, width: int = 1280, camera: bool = False, **context: Any) -> Page:
        size: Any = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=size, permissions=["camera"] if camera else [], **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", said)
        page.on("request", asked)
        page.goto(address + path)
        page.wait_for_selector("html[data-ready]")
        return page

    try:
        yield visit
    finally:
        for context in contexts:
            context.close()
    assert trouble == []


@pytest.fixture
def visit(browser: Browser, fake: Fake) -> Iterator[Callable[..., Page]]:
    """`visiting` the fake server."""
    from tests.web.page.fake_server import serving

    with serving(fake.app) as address, visiting(browser, address) as opened:
        yield opened


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of a real `mien serve` on a free port of this machine."""
    pytest.importorskip("fastapi")
    pytest.importorskip("websockets")
    command = [sys.executable, "-c", "import typer; from mien.cli.serve import serve; typer.run(serve)"]
    command += ["--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@pytest.fixture
def visit_served(browser: Browser, served: str) -> Iterator[Callable[..., Page]]:
    """`visiting` the real server."""
    with visiting(browser, served) as opened:
        yield opened


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A JPEG of 240 x 160 pixels."""
    y, x = np.mgrid[:160, :240]
    stream = io.BytesIO()
    Image.fromarray(np.stack([x, y, (x + y) // 2], 2).astype(np.uint8)).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture(scope="session")
def film() -> bytes:
    """Three seconds of H.264, 240 x 160 at 20 frames a second."""
    import av

    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=20, options={"g": "10"})
        video.width, video.height, video.pix_fmt = 240, 160, "yuv420p"
        for i in range(60):
            frame = av.VideoFrame.from_ndarray(np.full((160, 240, 3), 4 * i, np.uint8), format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return stream.getvalue()


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A bundled portrait as it lies, JPEG of 582 x 640 pixels."""
    return (files("mien") / "examples" / "barack-obama.jpg").read_bytes()


@pytest.fixture(scope="session")
def portrait_film(portrait: bytes) -> bytes:
    """A second of H.264, 320 x 352 at 10 frames a second: the portrait moves right, its last three frames are grey."""
    import av

    still = Image.open(io.BytesIO(portrait)).resize((320, 352))
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=10, options={"crf": "18"})
        video.width, video.height, video.pix_fmt = 320, 352, "yuv420p"
        for i in range(10):
            drawn = Image.new("RGB", (320, 352), "grey")
            if i < 7:
                drawn.paste(still, (3 * i, 0))
            container.mux(video.encode(av.VideoFrame.from_image(drawn)))
        container.mux(video.encode(None))
    return stream.getvalue()
