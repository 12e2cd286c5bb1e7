from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.images.read import read_image
from mien.web.refusal import Refusal
from mien.web.sandbox import confine
from mien.web.sandbox.pool import DecodePool

LIMIT = 25_000_000


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    opened = DecodePool(1, 5, LIMIT, 1 << 30)
    yield opened
    opened.close()


def refused(future: Future[Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        future.result(30)
    return caught.value


def test_pictures_are_decoded_elsewhere_to_the_same_pixels(pool: DecodePool, photo: bytes) -> None:
    np.testing.assert_array_equal(pool.picture(photo).result(30), read_image(photo))
    (pid,) = pool.pids()
    assert pid != os.getpid()
    assert refused(pool.picture(b"text")).status == 415
    pool.picture(photo).result(30)
    assert pool.pids() == [pid]  # a refusal costs no process


def test_a_worker_that_dies_is_replaced(pool: DecodePool, photo: bytes) -> None:
    pool.picture(photo).result(30)
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while not _gone(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert pool.picture(photo).result(30).shape == (640, 582, 3)
    assert pool.pids() != [pid]


def test_one_that_dies_within_a_picture_is_a_refusal_and_the_next_works(pool: DecodePool, photo: bytes) -> None:
    pool.picture(photo).result(30)
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGSTOP)
    future = pool.picture(photo)
    time.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    assert refused(future).status == 422
    assert pool.picture(photo).result(30).shape == (640, 582, 3)


def test_one_that_hangs_is_ended_in_time(photo: bytes) -> None:
    pool = DecodePool(1, 0.5, LIMIT, 1 << 30)
    try:
        pool.picture(photo).result(30)
        (pid,) = pool.pids()
        os.kill(pid, signal.SIGSTOP)
        start = time.monotonic()
        answer = refused(pool.picture(photo))
        assert (answer.status, "longer than 0.5 s" in answer.message) == (422, True)
        assert time.monotonic() - start < 4
        assert _gone(pid)
        assert pool.picture(photo).result(30).shape == (640, 582, 3)
    finally:
        pool.close()
    assert pool.pids() == [] or all(_gone(each) for each in pool.pids())


def test_a_picture_that_needs_too_much_memory_is_refused(encoded: Callable[..., bytes]) -> None:
    large = encoded(np.zeros((5000, 5000, 4), np.uint8))
    pool = DecodePool(1, 30, LIMIT, 450_000_000)
    try:
        answer = refused(pool.picture(large))
        assert (answer.status, "too much memory" in answer.message) == (413, True)
        assert pool.picture(encoded(np.zeros((50, 50, 3), np.uint8))).result(60).shape == (50, 50, 3)
        assert all(confine.resident(pid) < 450_000_000 for pid in pool.pids())
    finally:
        pool.close()


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
