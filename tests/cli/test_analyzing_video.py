from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.runtime.video.coded_video import write_video

from mien.cli.analyzing_video import Spool, opened_windows
from mien.runtime.analyzer import Analyzer
from mien.runtime.video.facts import video_facts
from mien.runtime.video.windows import Look


@pytest.mark.parametrize("wanted", [True, False])
def test_the_bar_hears_of_frames_and_the_copy_is_drawn(
    tiny_model: Callable[..., Path], tmp_path: Path, wanted: bool
) -> None:
    path = write_video(tmp_path / "a.mp4", range(0, 20_000, 1000))
    spool, told = Spool(tmp_path / "copies" if wanted else None, path), []
    analyzer = Analyzer(tiny_model(), "none", threads=1)
    for window in opened_windows(analyzer, path, Look(), None, lambda done, total: told.append((done, total))):
        for faces in window.faces:
            spool.take(faces)
    (tmp_path / "copies").mkdir()
    spool.draw(path, quiet=True)
    spool.close()
    assert told == [(8, 20), (16, 20), (20, 20)]
    copies = list((tmp_path / "copies").iterdir())
    assert [video_facts(copy).frames for copy in copies] == ([20] if wanted else [])
