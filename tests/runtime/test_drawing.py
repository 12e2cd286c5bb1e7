from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.faces import Faces
from mien.labels import EMOTIONS
from mien.runtime.drawing import annotate, annotated_file, font_size
from mien.runtime.palette import COLOURS, colour_of
from mien.runtime.placing import Box, Size


def faces(*boxes: tuple[float, float, float, float], emotion: int = 3) -> Faces:
    shares = np.full((len(boxes), 8), 0.05, np.float32)
    shares[:, emotion] = 0.65
    return Faces("x", np.array(boxes, np.float32).reshape(-1, 4), np.ones(len(boxes)), shares)


@pytest.mark.parametrize("size", [(1, 1), (30, 50), (400, 600), (2000, 1500)])
def test_every_size_of_picture_and_box_can_be_drawn(size: tuple[int, int]) -> None:
    height, width = size
    picture = np.full((*size, 3), 120, np.uint8)
    boxes = [(0, 0, width, height), (-9, -9, width / 2, height / 2), (width / 3, height / 3, width / 2, height / 2)]
    for some in (boxes, boxes[:1], []):
        drawn = annotate(picture, faces(*some))
        assert drawn.shape == picture.shape
        assert drawn.dtype == np.uint8
    assert (picture == 120).all()


def test_the_face_stays_visible_and_the_box_has_its_emotions_colour() -> None:
    picture = np.full((400, 600, 3), 120, np.uint8)
    drawn = annotate(picture, faces((200, 100, 320, 260)))
    assert (drawn[115:245, 215:305] == 120).all()
    colours = drawn[170, 190:205].astype(int)
    assert np.abs(colours - COLOURS["happiness"]).sum(axis=1).min() < 30


def test_the_box_of_a_face_that_the_model_declines_to_name_is_grey() -> None:
    picture = np.full((400, 600, 3), 120, np.uint8)
    drawn = annotate(picture, replace(faces((200, 100, 320, 260)), abstain=np.array([True])))
    colours = drawn[170, 190:205].astype(int)
    assert np.abs(colours - colour_of(None)).sum(axis=1).min() < 30
    assert np.abs(colours - COLOURS["happiness"]).sum(axis=1).min() > 60


def test_panels_cover_no_face() -> None:
    picture = np.full((667, 1000, 3), 120, np.uint8)
    boxes = [(60 + 180 * i, 200, 160 + 180 * i, 330) for i in range(5)]
    drawn = annotate(picture, faces(*boxes))
    for left, top, right, bottom in boxes:
        assert (drawn[top + 8 : bottom - 8, left + 8 : right - 8] == 120).all()
    assert (drawn != 120).any(axis=2).mean() > 0.05


def test_faces_without_an_answer_get_a_box_alone() -> None:
    picture = np.full((400, 600, 3), 120, np.uint8)
    unknown = Faces("x", np.array([[200, 100, 320, 260]]), np.ones(1), np.full((1, 8), np.nan))
    changed = (annotate(picture, unknown) != 120).any(axis=2)
    assert changed[95:265, 195:325].sum() == changed.sum() > 0


def test_type_is_kept_and_names_do_not_lie(tmp_path: Path) -> None:
    picture = np.full((60, 60, 3), 120, np.uint8)
    jpeg, other = b"\xff\xd8\xff...", b"GIF89a..."
    assert annotated_file(tmp_path / "a.JPG", jpeg, picture, faces()).name == "a.JPG"
    assert annotated_file(tmp_path / "a.png", jpeg, picture, faces()).name == "a.png.jpg"
    assert annotated_file(tmp_path / "sub" / "a.gif", other, picture, faces()).name == "a.gif.png"
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="cannot be written"):
        annotated_file(tmp_path / "file" / "a.png", other, picture, faces())


def test_letters_grow_with_the_face_within_bounds() -> None:
    page = Size(1000, 667)
    sizes = [font_size(Box(0, 0, h, h), page) for h in (10, 150, 300, 600)]
    assert sizes == sorted(sizes)
    assert sizes[0] >= 11
    assert sizes[-1] <= 35


def test_one_colour_an_emotion() -> None:
    assert list(COLOURS) == list(EMOTIONS)
    assert len(set(COLOURS.values())) == len(EMOTIONS)
    assert colour_of(None) not in COLOURS.values()


def test_a_model_without_emotions_has_a_panel_of_what_it_says() -> None:
    picture = np.full((400, 600, 3), 120, np.uint8)
    boxes, nothing = np.array([[200, 100, 320, 260]]), np.full((1, 8), np.nan)
    alone = annotate(picture, Faces("x", boxes, np.ones(1), nothing))
    drawn = []
    for said in (
        {"valence": [0.3], "arousal": [-0.2]}, {"action_units": {"AU12": [0.9], "AU01": [0.1]}},
        {"intensity": {"AU12": [4.0]}},
    ):  # fmt: skip
        drawn.append(annotate(picture, Faces("x", boxes, np.ones(1), nothing, **said)))
        panel = (drawn[-1] != alone).any(axis=2)
        assert panel.sum() > 500
        assert not panel[95:265, 195:325].any()
    assert (drawn[0] != drawn[1]).any()
    assert (drawn[1] != drawn[2]).any()


def test_emotions_keep_their_panel_and_get_the_rest_beneath() -> None:
    picture = np.full((400, 600, 3), 120, np.uint8)
    few = faces((200, 100, 320, 260))
    more = annotate(picture, replace(few, valence=np.array([0.3]), arousal=np.array([0.1])))
    heights = [(drawn != 120).any(axis=2)[:, 330:].any(axis=1).sum() for drawn in (annotate(picture, few), more)]
    assert heights[1] > heights[0] > 50
