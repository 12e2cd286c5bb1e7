from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.runtime.video.coded_video import write_video

from mien.errors import MienError
from mien.runtime.video.facts import video_facts
from mien.runtime.video.frames import read_frames


def sound(path: Path) -> None:
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=16_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
        frame.rate = 16_000
        file.mux(stream.encode(frame))
        file.mux(stream.encode())


def picture(path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (9, 9)).save(path, "PNG")


BAD = {
    "gone.mp4": (lambda path: None, "no such file"),
    "folder.mp4": (Path.mkdir, "a folder"),
    "empty.mp4": (lambda path: path.write_bytes(b""), "empty"),
    "text.mp4": (lambda path: path.write_text("hello"), "text, not a video"),
    "noise.mp4": (lambda path: path.write_bytes(bytes(range(256)) * 20), "not a video that can be read"),
    "picture.mp4": (picture, "a PNG picture"),
    "sound.m4a": (sound, "sound only"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_video_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    make, words = BAD[name]
    make(tmp_path / name)  # type: ignore[operator]
    for ask in (video_facts, lambda path: next(read_frames(path))):
        with pytest.raises(MienError, match=words) as told:
            ask(tmp_path / name)
        assert str(told.value).startswith(f"{tmp_path / name}: ")
        assert len(str(told.value).splitlines()) == 1


def test_an_index_that_is_missing_is_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", range(0, 60_000, 1000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])  # MP4's index stands at its end
    with pytest.raises(MienError, match="not a video that can be read"):
        next(read_frames(path))


def test_a_name_is_never_a_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "a.mp4", [0, 1000]).rename(tmp_path / "concat:a.mp4")
    assert video_facts("concat:a.mp4").frames == 2
