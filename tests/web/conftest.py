"""A server without a socket, shared by the tests of a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

collect_ignore_glob = [] if find_spec("fastapi") and find_spec("uvicorn") else ["*"]

EXAMPLES = Path(__file__).parents[2] / "src" / "mien" / "examples"
URL = "http://localhost:8000"


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG with one face."""
    return (EXAMPLES / "joe-biden.jpg").read_bytes()


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """`encoded(pixels, "PNG", **options)`: a picture's file."""

    def make(pixels: NDArray[np.uint8], kind: str = "PNG", **options: Any) -> bytes:
        from PIL import Image

        out = io.BytesIO()
        Image.fromarray(pixels).save(out, kind, **options)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def film(photo: bytes) -> Callable[..., bytes]:
    """`film(n=12, size=(160, 120), container="mp4", codec="mpeg4")`: a small video of a face, 10 frames a second."""

    def make(n: int = 12, size: tuple[int, int] = (160, 120), container: str = "mp4", codec: str = "mpeg4") -> bytes:
        import av
        import cv2

        face = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)[60:420, 140:560, ::-1]
        out = io.BytesIO()
        with av.open(out, "w", format=container) as opened:
            stream = opened.add_stream(codec, rate=10)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            for i in range(n):
                pixels = np.roll(cv2.resize(face, size, interpolation=cv2.INTER_AREA), i, axis=1)
                opened.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")))
            opened.mux(stream.encode())
        return out.getvalue()

    return make


@pytest.fixture(scope="module")
def spool_parent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the server's private folder is made."""
    import tempfile

    folder = tmp_path_factory.mktemp("spool")
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    yield folder
    tempfile.tempdir = before


@pytest.fixture(scope="module")
def service(spool_parent: Path) -> Iterator[Any]:
    """An open service with the packaged model and one decode worker; small limits, so that tests reach them."""
    from mien.web.service import Service
    from mien.web.settings import Settings

    limits = {"max_picture": 2_000_000, "max_upload": 4_000_000, "max_pixels": 4_000_000}
    names = ("testserver",)  # what schemathesis calls it
    opened = Service(Settings(workers=1, max_frames=500, max_duration=60, stall=20, allow_hosts=names, **limits))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(service: Any) -> Iterator[Any]:
    """Speaks to the service's application without a socket."""
    from starlette.testclient import TestClient

    from mien.web.app import make_app

    with TestClient(make_app(service), base_url=URL, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def left(spool_parent: Path) -> Callable[[], list[str]]:
    """Says which files lie in the server's folder, its lock aside."""
    return lambda: sorted(path.name for path in spool_parent.rglob("*") if path.is_file() and path.name != "lock")
