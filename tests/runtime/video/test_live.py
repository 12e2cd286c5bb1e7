from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.runtime.analyzer import Analyzer
from mien.runtime.video.frames import Frame
from mien.runtime.video.live import Live


def test_a_face_keeps_its_id_and_the_frame_its_number(
    tiny_model: Callable[..., Path], draw_face: Callable[..., NDArray[np.uint8]]
) -> None:
    live = Live(Analyzer(tiny_model(), "builtin", threads=1), "camera 0")
    for number in range(5):
        faces = live(Frame(3 * number, number / 10, draw_face(240, 320, 120 + 4 * number, 120, 90)))
        assert (faces.input, faces.frame, faces.time) == ("camera 0", 3 * number, number / 10)
        assert faces.track is not None
        assert faces.track.tolist() == [0]
        assert faces.top[0] is not None
    untracked = Live(Analyzer(tiny_model(), "builtin", threads=1), "camera 0", track=False)
    assert untracked(Frame(0, 0.0, draw_face(240, 320, 120, 120, 90))).track.tolist() == [-1]  # type: ignore[union-attr]
