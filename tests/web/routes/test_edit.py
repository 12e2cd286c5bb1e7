from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.runtime.generators import GAUSSIAN, tiny_generator, tiny_spec

from mien.runtime.expression_editor import ExpressionEditor
from mien.runtime.expression_space import ExpressionSpace
from mien.web.refusal import Refusal
from mien.web.routes.edit import code_of


@pytest.fixture
def with_generator(service: Any, tmp_path: Path) -> Iterator[None]:
    service.editor = ExpressionEditor(tiny_generator(tmp_path / "tiny.onnx"))
    yield
    service.editor = None


def test_without_a_generator_there_is_no_editing(client: Any, photo: bytes) -> None:
    assert client.get("/v1/edit/space").status_code == 404
    answer = client.post("/v1/edit", files={"file": photo}, data={"x": "0", "y": "0"})
    assert (answer.status_code, "--generator" in answer.json()["error"]) == (404, True)


@pytest.mark.usefixtures("with_generator")
def test_an_edited_picture_is_marked_and_nothing_stays(client: Any, photo: bytes, left: Any) -> None:
    answer = client.post("/v1/edit", files={"file": photo}, data={"x": "1", "y": "0", "face": "0"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), answer.text
    with Image.open(io.BytesIO(answer.content)) as made, Image.open(io.BytesIO(photo)) as before:
        assert made.info["Comment"].startswith("mien: edited expression, generator tiny ")
        changed = (np.asarray(made) != np.asarray(before.convert("RGB"))).any(axis=2).mean()
    assert 0.02 < changed < 0.5
    by_name = client.post("/v1/edit", files={"file": photo}, data={"emotion": "happiness", "intensity": "1"})
    assert by_name.content == answer.content
    assert left() == []
    space = client.get("/v1/edit/space").json()
    assert space["emotions"]["sadness"] == [-1, 0]


@pytest.mark.usefixtures("with_generator")
def test_what_cannot_be_edited_is_told(client: Any, photo: bytes, encoded: Any) -> None:
    grey = encoded(np.full((60, 80, 3), 90, np.uint8))
    for picture, fields, word in (
        (photo, {}, "x and y"),
        (photo, {"x": "0.5"}, "x and y"),
        (photo, {"x": "2", "y": "0"}, "-1 to 1"),
        (photo, {"x": "0", "y": "0", "emotion": "sadness"}, "both"),
        (photo, {"emotion": "hunger"}, "hunger"),
        (photo, {"emotion": "sadness", "intensity": "nan"}, "intensity"),
        (photo, {"x": "0", "y": "0", "face": "7"}, "no face 7"),
        (photo, {"x": "0", "y": "0", "face": "-1"}, "face"),
        (grey, {"x": "0", "y": "0"}, "no face found"),
    ):
        answer = client.post("/v1/edit", files={"file": picture}, data=fields)
        assert (answer.status_code, word in answer.json()["error"]) == (422, True), (fields, answer.text)


def test_corners_of_the_pad_lie_within_a_linear_space() -> None:
    space = ExpressionSpace.from_spec(tiny_spec())
    np.testing.assert_allclose(code_of(space, {"x": "1", "y": "-1"}), [0.5**0.5, -(0.5**0.5)], rtol=1e-6)
    wide = ExpressionSpace.from_spec(tiny_spec(space=GAUSSIAN))
    np.testing.assert_allclose(code_of(wide, {"x": "1", "y": "-1"}), [1, -1])
    with pytest.raises(Refusal):
        code_of(space, {"x": "nan", "y": "0"})
