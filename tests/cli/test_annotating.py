"""An annotated copy with its bar."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.runtime.video.coded_video import write_video

from mien.cli.annotating import annotate_into
from mien.errors import MienError
from mien.runtime.video.frames import read_frames


def test_a_copy_in_the_folder_leaves_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_video(tmp_path / "v.mp4", [0, 3000, 9000])
    before = source.read_bytes()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    done = annotate_into(tmp_path, source, [], quiet=False)
    assert done.path == tmp_path / "v-annotated.mp4"
    assert done.frames == 3
    assert source.read_bytes() == before
    assert [frame.time for frame in read_frames(done.path)] == pytest.approx([0, 0.1, 0.3])


def test_no_video(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no such file"):
        annotate_into(tmp_path, tmp_path / "none.mp4", [], quiet=True)
