from __future__ import annotations

import time

import numpy as np
import pytest

from mien.errors import MienError
from mien.runtime.video.camera import newest_frames, open_camera


class Capture:
    """Stands for cv2.VideoCapture: so many blue pictures that grow lighter, 2 ms apart."""

    def __init__(self, count: int) -> None:
        self.left, self.count, self.released = count, count, False

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(0.002)
        if self.left == 0:
            return False, None
        self.left -= 1
        picture = np.zeros((24, 32, 3), np.uint8)
        picture[..., 0] = self.count - self.left
        return True, picture

    def release(self) -> None:
        self.released = True


def test_a_slow_consumer_gets_the_newest_and_misses_the_rest() -> None:
    capture, numbers = Capture(100), []
    for frame in newest_frames(capture):
        assert frame.image is not None
        assert frame.image[0, 0].tolist() == [0, 0, frame.number + 1]  # RGB, and the picture of that number
        numbers.append(frame.number)
        time.sleep(0.02)
    assert numbers == sorted(set(numbers))
    assert 2 <= len(numbers) < 60
    assert numbers[-1] == 99
    assert capture.released


def test_it_stops_when_the_time_is_up_or_nobody_listens() -> None:
    ticks = iter(range(1000))
    capture = Capture(10_000)
    times = [frame.time for frame in newest_frames(capture, seconds=5, clock=lambda: float(next(ticks)))]
    assert times[0] == 0
    assert max(times) < 5
    assert capture.released
    capture = Capture(10_000)
    frames = newest_frames(capture)
    next(frames)
    frames.close()
    assert capture.released
    assert capture.left > 9_000


def test_no_camera_is_told_in_one_line() -> None:
    with pytest.raises(MienError, match="camera 97: cannot be opened"):
        open_camera(97)
