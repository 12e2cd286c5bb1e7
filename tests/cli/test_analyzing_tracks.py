from __future__ import annotations

import numpy as np
import pytest

from mien.cli.analyzing_tracks import Tracks
from mien.faces import Faces
from mien.labels import EMOTIONS


def frame(time: float, track: int, emotion: int) -> Faces:
    return Faces(
        "a.mp4", np.array([[0, 0, 9, 9]]), np.ones(1), np.eye(8)[[emotion]], track=np.array([track]), time=time, frame=0
    )  # type: ignore[arg-type]


def test_a_line_a_track(capsys: pytest.CaptureFixture[str]) -> None:
    tracks = Tracks()
    for time, track, emotion in ((0.5, 0, 3), (1.5, 0, 3), (2.5, 0, 4), (2.5, 1, 6)):
        tracks.take(frame(time, track, emotion))
    tracks.take(Faces("a.mp4", frame=9, time=3.0))
    tracks.show()
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["video", "track", "frames"]
    assert first.split()[:7] == ["a.mp4", "0", "3", "0.50", "s", "2.50", "s"]
    assert f"{EMOTIONS[3]} 67 %, {EMOTIONS[4]} 33 %" in first
    assert second.split()[1:3] == ["1", "1"]


def test_nothing_seen_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Tracks().show()
    assert capsys.readouterr().out == ""
