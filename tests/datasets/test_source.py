"""What readers hand over."""

from __future__ import annotations

import numpy as np

from mien.datasets.face_set import FaceSet
from mien.datasets.source import Source


def test_nothing_is_read_before_it_is_asked_for() -> None:
    asked = []
    source = Source("reader 1", lambda: asked.append(1) or FaceSet("s", np.zeros((1, 2, 2), np.uint8)))
    assert (source.files, source.content, source.readings, asked) == ([], "", (), [])
    assert len(source.read()) == 1
    assert asked == [1]
