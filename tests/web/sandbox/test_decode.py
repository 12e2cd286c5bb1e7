from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mien.images.read import read_image
from mien.web.refusal import Refusal
from mien.web.sandbox import decode

LIMIT = 4_000_000


def test_pixels_are_those_of_read_image(photo: bytes) -> None:
    np.testing.assert_array_equal(decode.picture(photo, LIMIT), read_image(photo))


def test_a_picture_of_too_many_pixels_is_refused_by_its_header(encoded: Callable[..., bytes]) -> None:
    small = encoded(np.zeros((30, 40, 3), np.uint8))
    assert decode.picture(small, 1200).shape == (30, 40, 3)
    with pytest.raises(Refusal, match="40 x 30 pixels, more than the limit of 1,199") as refused:
        decode.picture(small, 1199)
    assert refused.value.status == 413


def test_a_videos_facts_stand_in_its_header(film: Callable[..., bytes], tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(film(n=7))
    probe = decode.video(str(tmp_path / "v"), "mov")
    assert (probe.width, probe.height, probe.frames, probe.fps) == (160, 120, 7, 10)
    assert probe.duration == pytest.approx(0.7)


def test_a_video_is_opened_as_its_kind_alone(film: Callable[..., bytes], tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(film(n=2))
    with pytest.raises(Refusal, match="broken or truncated"):
        decode.video(str(tmp_path / "v"), "matroska")


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "a"), "w", format="mp4") as opened:
        stream = opened.add_stream("aac", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        opened.mux(stream.encode(frame))
        opened.mux(stream.encode(None))
    with pytest.raises(Refusal, match="only sound"):
        decode.video(str(tmp_path / "a"), "mov")


def test_too_little_memory_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(data: bytes, limit: int) -> None:
        raise MemoryError

    monkeypatch.setattr(decode, "picture", fail)
    head, body = decode.done({"task": "picture", "max_pixels": 1}, b"")
    assert (head["status"], head["spent"], body) == (413, True, b"")
