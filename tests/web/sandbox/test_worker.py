from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mien.web.sandbox import messages
from mien.web.sandbox.worker import MOST

TASK = {"task": "picture", "max_pixels": 10_000, "timeout": 20}


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "mien.web.sandbox.worker", str(1 << 30)]
    running = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    yield running
    running.kill()
    running.wait()


def test_it_decodes_what_it_is_sent_until_the_pipe_is_closed(
    worker: subprocess.Popen[bytes], encoded: Callable[..., bytes]
) -> None:
    assert worker.stdin is not None
    assert worker.stdout is not None
    assert messages.read(worker.stdout, MOST)[0] == {"ready": True}
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    for _ in range(2):
        messages.write(worker.stdin, TASK, encoded(pixels))
        head, body = messages.read(worker.stdout, MOST)
        assert "error" not in head
        assert bytes(body) == pixels.tobytes()
    messages.write(worker.stdin, TASK, b"no picture at all")
    head, body = messages.read(worker.stdout, MOST)
    assert head["error"]
    assert len(body) == 0
    worker.stdin.close()
    assert worker.wait(timeout=20) == 0


def test_messages_of_a_closed_pipe_end_it() -> None:
    with pytest.raises(EOFError):
        messages.read(io.BytesIO(b""), MOST)
