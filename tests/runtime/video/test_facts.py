from __future__ import annotations

from pathlib import Path

import pytest
from tests.runtime.video.coded_video import turned, write_video

from mien.runtime.video.facts import video_facts


def test_the_header_of_a_video(tmp_path: Path) -> None:
    facts = video_facts(write_video(tmp_path / "a.mp4", range(0, 60_000, 1000), sound=True))
    assert (facts.width, facts.height, facts.rotation, facts.audio, facts.codec) == (128, 64, 0, True, "h264")
    assert facts.frames == 60
    assert facts.fps == pytest.approx(30, rel=0.05)
    assert facts.duration == pytest.approx(2, abs=0.1)
    assert not video_facts(write_video(tmp_path / "b.mp4", [0, 1000])).audio


def test_size_is_as_displayed(tmp_path: Path) -> None:
    facts = video_facts(turned(write_video(tmp_path / "a.mp4", [0, 1000]), 90))
    assert (facts.width, facts.height, facts.rotation) == (64, 128, 270)


def test_frames_are_estimated_where_the_container_does_not_count(tmp_path: Path) -> None:
    facts = video_facts(write_video(tmp_path / "a.mkv", range(0, 60_000, 1000)))
    assert facts.frames == pytest.approx(60, abs=2)
