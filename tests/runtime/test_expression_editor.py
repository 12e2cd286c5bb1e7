from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.runtime.generators import LINEAR, tiny_generator, tiny_spec

from mien.errors import MienError
from mien.runtime.expression_editor import ExpressionEditor

RNG = np.random.default_rng(0)


@pytest.fixture
def editor(tmp_path: Path) -> ExpressionEditor:
    return ExpressionEditor(tiny_generator(tmp_path / "tiny.onnx"), threads=1)


def faces(n: int) -> np.ndarray:
    return RNG.integers(60, 190, (n, 48, 48, 1), dtype=np.uint8)


def test_each_face_takes_its_own_code(editor: ExpressionEditor) -> None:
    given = faces(3)
    codes = np.float32([[0, 0], [1, 0], [0, 1]])
    made = editor.edit(given, codes)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made[0], given[0])
    np.testing.assert_array_equal(made[1], given[1] + 40)
    np.testing.assert_array_equal(made[2, :24], given[2, :24])
    np.testing.assert_array_equal(made[2, 24:], given[2, 24:] - 40)


def test_batches_join_and_one_code_serves_all(editor: ExpressionEditor) -> None:
    given, code = faces(7), editor.space.code("happiness", 0.5)
    for batch in (1, 3, 64):
        np.testing.assert_array_equal(editor.edit(given, code, batch), given + 20)
    assert editor.edit(faces(0), np.zeros((0, 2), np.float32)).shape == (0, 48, 48, 1)


def test_pixels_are_rounded_and_do_not_wrap(editor: ExpressionEditor) -> None:
    given = np.full((1, 48, 48, 1), 250, np.uint8)
    assert (editor.edit(given, editor.space.code("happiness")) == 255).all()
    assert (editor.edit(given, np.float32([-0.015, 0])) == 249).all()  # 249.4


def test_it_says_who_made_a_picture(editor: ExpressionEditor) -> None:
    assert editor.name == "tiny"
    assert editor.sha256 == hashlib.sha256(editor.path.read_bytes()).hexdigest()


def test_what_does_not_fit_is_told(editor: ExpressionEditor) -> None:
    with pytest.raises(ValueError, match=r"crops: uint8 \(1, 32, 48, 1\), expected uint8 \(n, 48, 48, 1\)"):
        editor.edit(faces(1)[:, :32], np.zeros((1, 2), np.float32))
    with pytest.raises(ValueError, match="2 codes for 3 crops"):
        editor.edit(faces(3), np.zeros((2, 2), np.float32))
    with pytest.raises(MienError, match="this generator's space has 2"):
        editor.edit(faces(1), np.zeros((1, 3), np.float32))


def test_other_files_are_refused_in_one_line(tmp_path: Path, tiny_model: Callable[..., Path]) -> None:
    three = {**LINEAR, "places": [[*place, 0] for place in LINEAR["places"]]}
    cases = {
        str(tiny_model("classifier")): "classifier: tiny is no generator of faces",
        "small": "small is no generator of faces",
        str(tmp_path / "absent.onnx"): "no such model file",
        str(tiny_model("bare", with_spec=False)): "no ModelSpec inside",
        str(tiny_generator(tmp_path / "old.onnx", tiny_spec(space={}))): "does not say where emotions lie",
        # it promises three coordinates and takes two
        str(tiny_generator(tmp_path / "odd.onnx", tiny_spec(space=three))): "export it again",
    }
    for file, words in cases.items():
        with pytest.raises(MienError, match=words) as caught:
            ExpressionEditor(file)
        assert "\n" not in str(caught.value)
