from __future__ import annotations

from pathlib import Path

from PIL import Image
from tests.runtime.video.coded_video import write_video

from mien.runtime.video.telling import is_video


def test_bytes_decide_and_names_help(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [0, 1000])
    Image.new("RGB", (9, 9)).save(tmp_path / "picture.mp4", "PNG")
    (tmp_path / "noise.mov").write_bytes(b"\1\2\3")
    (tmp_path / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(20))
    assert is_video(video.rename(tmp_path / "a.jpg"))
    assert is_video(tmp_path / "noise.mov")
    assert not is_video(tmp_path / "picture.mp4")
    assert not is_video(tmp_path / "photo.heic")
    assert not is_video(tmp_path / "gone.mp4")
