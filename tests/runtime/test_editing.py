from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.runtime.generators import GAUSSIAN, tiny_generator, tiny_spec

from mien.errors import MienError
from mien.runtime.editing import EditablePhoto, own_codes
from mien.runtime.expression_editor import ExpressionEditor


@pytest.fixture
def editor(tmp_path: Path) -> ExpressionEditor:
    return ExpressionEditor(tiny_generator(tmp_path / "tiny.onnx"), threads=1)


@pytest.fixture(scope="module")
def crowd(draw_face) -> np.ndarray:
    """A small face on the left, a large one on the right."""
    image = draw_face(480, 900, 160, 220, 120)
    return draw_face(480, 900, 620, 230, 220, on=image)


def changed(image: np.ndarray, out: np.ndarray) -> tuple[int, int]:
    """The columns between which a picture was changed."""
    columns = np.flatnonzero((image != out).any(axis=(0, 2)))
    return int(columns.min()), int(columns.max())


def test_the_largest_face_becomes_lighter(editor: ExpressionEditor, crowd: np.ndarray) -> None:
    photo = EditablePhoto(editor, crowd)
    assert len(photo.faces.boxes) == 2
    np.testing.assert_array_equal(photo.own, [[0, 0]])  # neutral changes nothing
    out = photo.edited(editor.space.code("happiness", 0.5))
    left, top, side = photo.squares[0]
    low, high = changed(crowd, out)
    assert left < low < high < left + side
    middle = (slice(top + side // 3, top + side // 2), slice(left + side // 3, left + side // 2))
    assert out[middle].astype(int).mean() - crowd[middle].mean() == pytest.approx(20, abs=2)


def test_a_face_by_number_or_all_of_them(editor: ExpressionEditor, crowd: np.ndarray) -> None:
    code = editor.space.code("sadness")
    first = EditablePhoto(editor, crowd, face=0).edited(code)
    assert changed(crowd, first)[1] < 300
    photo = EditablePhoto(editor, crowd, all_faces=True)
    low, high = changed(crowd, photo.edited(code))
    assert low < 300 < 500 < high
    one_each = photo.edited(np.stack([code, editor.space.neutral]))
    np.testing.assert_array_equal(one_each, first)


def test_the_picture_is_the_face(editor: ExpressionEditor) -> None:
    face = np.full((96, 96, 3), 100, np.uint8)
    photo = EditablePhoto(editor, face, detector="none")
    np.testing.assert_array_equal(photo.squares, [[0, 0, 96]])
    alone = photo.faces_alone(np.float32([[0.5, 0], [-0.5, 0]]))
    assert alone.shape == (2, 48, 48, 1)
    assert (alone[0] == 120).all()
    assert (alone[1] == 80).all()
    assert photo.closely(photo.edited(np.float32([1, 0]))).shape == (96, 96, 3)


def test_frames_are_the_single_edits(editor: ExpressionEditor, crowd: np.ndarray) -> None:
    photo = EditablePhoto(editor, crowd)
    codes = np.stack([editor.space.code(name) for name in ("surprise", "happiness")])
    frames = list(photo.frames(codes))
    assert len(frames) == 2
    np.testing.assert_array_equal(frames[1], photo.edited(codes[1]))
    assert (frames[0] != frames[1]).any()


def test_a_faces_own_place_is_where_it_changes_least(tmp_path: Path) -> None:
    """This generator lightens by x - x of neutral and darkens the lower half by y: only one place does neither."""
    space = {**GAUSSIAN, "places": [[0.5, 0.5], [0.0, 0.0], [0.2, -0.9], [0.9, 0.2]]}
    editor = ExpressionEditor(tiny_generator(tmp_path / "g.onnx", tiny_spec(space=space)), threads=1)
    crops = np.full((2, 48, 48, 1), 100, np.uint8)
    np.testing.assert_allclose(own_codes(editor, crops), [editor.space.code("sadness")] * 2)
    photo = EditablePhoto(editor, np.full((60, 60, 3), 100, np.uint8), detector="none")
    assert (photo.edited(editor.space.place("sadness")) == 100).all()


def test_what_cannot_be_edited_is_told(editor: ExpressionEditor, crowd: np.ndarray) -> None:
    with pytest.raises(MienError, match=r"array: no face found; .*--detector none"):
        EditablePhoto(editor, np.zeros((200, 200, 3), np.uint8))
    with pytest.raises(MienError, match="no face 2: 2 found, counted from 0"):
        EditablePhoto(editor, crowd, face=2)
    with pytest.raises(MienError, match="no such file"):
        EditablePhoto(editor, "absent.png")


def test_from_the_editor_itself(editor: ExpressionEditor, crowd: np.ndarray) -> None:
    by_name = editor.edit_photo(crowd, emotion="happy", intensity=0.7)
    np.testing.assert_array_equal(by_name, editor.edit_photo(crowd, at=(0.7, 0)))
    assert (editor.edit_photo(crowd, emotion="happy", way="paste") != by_name).any()
    for wrong in ({}, {"emotion": "fear"}, {"emotion": "sadness", "at": (0, 0)}, {"at": (0.9, 0.9)}):
        with pytest.raises(MienError):
            editor.edit_photo(crowd, **wrong)  # type: ignore[arg-type]
