"""Findings' pictures as HTML."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import cv2
import numpy as np

from mien.evaluate.audit import gallery as module
from mien.evaluate.audit.finding import Finding
from mien.evaluate.audit.gallery import gallery, most_telling


def test_a_pair_is_shown_with_the_very_pixels_and_words_for_those_who_cannot_see_them(faces) -> None:
    text = gallery(faces, [Finding("near", 3, 0.87654, 48, 3, 6)])
    images = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="([^"]+)"', text)
    assert [alt for _, alt in images] == ["row 3: Training, happiness", "row 48: PrivateTest, neutral"]
    for (data, _), row in zip(images, (3, 48), strict=True):
        shown = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert (shown == faces.pixels[row]).all()
    assert "score 0.877" in text
    assert "shown" not in text


def test_colours_keep_their_order_and_large_files_are_shrunk(faces, tmp_path: Path) -> None:
    red = np.zeros((300, 300, 3), np.uint8)
    red[..., 2] = 200  # OpenCV writes BGR
    cv2.imwrite(str(tmp_path / "red.png"), red)
    some = faces.select(np.array([0])).replace(pixels=None, paths=np.array([str(tmp_path / "red.png")]))
    text = gallery(some, [Finding("suspect_label", 0, 0.9, -1, 0, 5, "votes")])
    (data,) = re.findall(r"base64,([^\"]+)", text)
    shown = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (96, 96, 3)
    assert shown[48, 48, 2] > 180 > 40 > shown[48, 48, 0]
    assert "0 Training, anger &rarr; surprise" in text
    assert 'class="gallery single"' in text


def test_the_most_telling_come_first_and_no_picture_crowds_out_the_others(faces) -> None:
    within, across = Finding("exact", 5, 1.0, 6, 0, 0), Finding("exact", 2, 1.0, 47, 0, 0)
    conflict = Finding("exact", 1, 1.0, 46, 1, 2)
    again = Finding("exact", 9, 1.0, 46, 1, 2)
    assert most_telling([within, across, again, conflict], faces.split) == [conflict, across, again, within]
    single = [Finding("blank", 1, 0.9), Finding("blank", 2, 1.0)]
    assert most_telling(single, faces.split) == single[::-1]


def test_so_many_and_no_more(faces, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    text = gallery(faces, [Finding("blank", row, 1.0) for row in range(10)])
    assert text.count("<figure>") == 3
    assert "3 of 10 shown." in text
