"""The same photograph is known again, and another one is not taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mien.evaluate.same_picture import SIZE, same_pictures


def moved(picture, dx: float, dy: float, size: float):
    middle = (SIZE - 1) / 2
    matrix = np.array([[size, 0, middle * (1 - size) + dx], [0, size, middle * (1 - size) + dy]], np.float32)
    return cv2.warpAffine(picture, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)


CHANGES = {
    "darker": lambda p: (p * 0.5).astype(np.uint8),
    "less contrast": lambda p: (100 + (p - 128.0) * 0.4).astype(np.uint8),
    "mirrored": lambda p: p[:, ::-1],
    "shifted": lambda p: moved(p, 2, -1, 1),
    "cut tighter": lambda p: moved(p, 0, 0, 1.06),
    "mirrored and cut wider": lambda p: moved(p[:, ::-1], 1, 0, 0.95),
    "JPEG": lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, 35])[1], 0),
    "noise": lambda p: np.clip(p + np.random.default_rng(0).normal(0, 4, p.shape), 0, 255).astype(np.uint8),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found(change: str, make_face) -> None:
    pictures = np.stack([*(make_face(seed) for seed in range(40)), CHANGES[change](make_face(7))])
    pairs = same_pictures(pictures, np.array([40]), np.arange(40))
    assert pairs.second.tolist() == [7]
    assert 0.78 <= pairs.score[0] <= 1.0001


def test_different_pictures_are_no_pairs_and_no_row_pairs_with_itself(make_face) -> None:
    pictures = np.stack([make_face(seed) for seed in range(60)])
    assert len(same_pictures(pictures, np.arange(60), np.arange(60)).first) == 0


def test_blank_pictures_are_like_nothing(make_face) -> None:
    pictures = np.stack([np.zeros((48, 48), np.uint8), np.full((48, 48), 255, np.uint8), make_face(0)])
    assert len(same_pictures(pictures, np.arange(3), np.arange(3)).first) == 0


def test_nothing_asked_gives_nothing(make_face) -> None:
    none = np.zeros(0, np.int64)
    assert len(same_pictures(make_face(0)[None], none, np.array([0])).first) == 0
    assert len(same_pictures(make_face(0)[None], np.array([0]), none).first) == 0
