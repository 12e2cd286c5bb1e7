"""Pictures and videos broken at random, for a minute in all; benchmarks/serve.py does it for ten minutes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from tests.web.mutations import mutated

from mien.web.sandbox import confine

SECONDS = 30.0
LATEST = 10.0  # 5 s, and as much for a machine that is busy with other things
MEMORY = 1 << 30


def test_broken_pictures_never_break_the_server(
    client: Any, service: Any, photo: bytes, encoded: Callable[..., bytes], left: Callable[[], list[str]]
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    kinds = ("PNG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "JPEG", "AVIF", "JPEG2000")
    seeds = [photo, *(encoded(noise, kind) for kind in kinds)]
    end, seed, seen = time.monotonic() + SECONDS, 0, set()
    while time.monotonic() < end:
        start = time.monotonic()
        answer = client.post("/v1/analyze", content=mutated(seed, seeds))
        assert answer.status_code in (200, 413, 415, 422), (seed, answer.status_code, answer.text)
        assert time.monotonic() - start < LATEST, seed
        assert all(confine.resident(pid) < MEMORY for pid in service.pool.pids()), seed
        seen.add(answer.status_code)
        seed += 1
    assert seen >= {200, 422}
    assert left() == []
    assert client.post("/v1/analyze", content=photo).status_code == 200


def test_broken_videos_never_break_the_server(client: Any, film: Callable[..., bytes], left: Any) -> None:
    seeds = [film(n=4, size=(32, 32), container=kind) for kind in ("mp4", "matroska", "avi", "mpegts")]
    end, seed = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        start = time.monotonic()
        sent = client.post("/v1/jobs", content=mutated(seed, seeds))
        assert sent.status_code in (202, 413, 415, 422), (seed, sent.text)
        assert time.monotonic() - start < LATEST, seed
        if sent.status_code == 202:
            name = sent.json()["id"]
            late = time.monotonic() + 2
            while time.monotonic() < late and client.get(f"/v1/jobs/{name}").json()["state"] in ("queued", "running"):
                time.sleep(0.05)
            assert client.delete(f"/v1/jobs/{name}").status_code == 200
        seed += 1
    gone = time.monotonic() + 20
    while left() and time.monotonic() < gone:
        time.sleep(0.05)
    assert left() == []
