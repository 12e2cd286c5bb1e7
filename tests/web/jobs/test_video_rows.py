from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mien.errors import MienError
from mien.faces import Faces
from mien.web.jobs.video_rows import VideoOptions, video_rows


class Fake:
    """An analyzer of a video that starts at 5 s and has two frames a second, without end."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def video(self, path: Path, **options: Any) -> Iterator[Faces]:
        self.asked = options
        number = 0
        while True:
            yield Faces("v", frame=number, time=5 + number / 2)
            number += options["every"]


def test_options_are_handed_on_and_frames_are_counted_in_the_source() -> None:
    fake = Fake()
    rows = video_rows(fake, Path("v"), VideoOptions(every=3, detect_every=4, max_frames=9))  # type: ignore[arg-type]
    with pytest.raises(MienError, match="more than 9 frames"):
        [seen.frame for seen in rows]
    assert fake.asked == {"every": 3, "fps": None, "detect_every": 4}


def test_duration_counts_from_the_first_frame() -> None:
    rows = video_rows(Fake(), Path("v"), VideoOptions(max_duration=2))  # type: ignore[arg-type]
    seen: list[int | None] = []
    with pytest.raises(MienError, match="longer than 2 s"):
        seen.extend(faces.frame for faces in rows)
    assert seen == [0, 1, 2, 3, 4]
