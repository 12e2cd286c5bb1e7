from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.runtime.video.test_camera import Capture

from mien.cli.analyzing_camera import watch
from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.analyzer import Analyzer
from mien.runtime.video.windows import Look


class Kept:
    def __init__(self) -> None:
        self.results: list[Faces] = []

    def write(self, faces: Faces) -> None:
        self.results.append(faces)

    def mark(self) -> dict[str, int]:
        return {}

    def close(self, *, finished: bool = True) -> None:
        pass


def test_frames_of_a_camera_reach_the_table_and_the_window(
    tiny_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[np.ndarray] = []

    class Window:
        open = True

        def __init__(self, title: str) -> None:
            assert "camera 3" in title

        def show(self, image: np.ndarray) -> None:
            shown.append(image)

        def close(self) -> None:
            pass

    monkeypatch.setattr("mien.runtime.video.camera.open_camera", lambda number: Capture(30))
    monkeypatch.setattr("mien.runtime.video.window.Window", Window)
    writer = Kept()
    watch(3, Analyzer(tiny_model(), "none"), Look(), [writer], show=True, seconds=None, quiet=False)
    assert 1 <= len(writer.results) == len(shown) <= 30
    assert {faces.input for faces in writer.results} == {"camera 3"}
    assert [int(faces.track[0]) for faces in writer.results if faces.track is not None] == [0] * len(shown)
    assert "dropped" in capsys.readouterr().err


def test_a_camera_for_nothing_is_refused(tiny_model: Callable[..., Path]) -> None:
    with pytest.raises(MienError, match="add --show or --out"):
        watch(0, Analyzer(tiny_model(), "none"), Look(), [], show=False, seconds=None, quiet=True)
