"""The same photograph is known again, and another one is not taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mien.evaluate import same_picture
from mien.evaluate.same_picture import SIZE, all_same_pictures, same_pictures


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


def test_all_against_all_finds_what_one_against_all_finds_and_each_pair_once(make_face) -> None:
    changed = [CHANGES["mirrored"](make_face(7)), CHANGES["darker"](make_face(7)), CHANGES["shifted"](make_face(20))]
    pictures = np.stack([*(make_face(seed) for seed in range(40)), *changed])
    steps: list[tuple[int, int]] = []
    pairs = all_same_pictures(pictures, lambda done, total: steps.append((done, total)))
    assert list(zip(pairs.first, pairs.second, strict=True)) == [(7, 40), (7, 41), (20, 42), (40, 41)]
    everything = np.arange(43)
    both = same_pictures(pictures, everything, everything)
    one_way = {(a, b): s for a, b, s in zip(*both, strict=True) if a < b}
    assert pairs.score == pytest.approx([one_way[pair] for pair in zip(pairs.first, pairs.second, strict=True)])
    assert steps == sorted(steps)
    assert steps[-1] == (100, 100)


def test_a_symmetric_picture_is_one_pair(make_face) -> None:
    half = make_face(3)[:, :24]
    symmetric = np.hstack([half, half[:, ::-1]])
    pairs = all_same_pictures(np.stack([symmetric, CHANGES["darker"](symmetric)]))
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0], [1])


def test_pairs_are_found_across_the_blocks_that_rows_are_compared_in(make_face, monkeypatch) -> None:
    monkeypatch.setattr(same_picture, "_BLOCK", 4)
    pictures = np.stack([*(make_face(seed) for seed in range(10)), make_face(1), make_face(9)])
    pairs = all_same_pictures(pictures)
    assert list(zip(pairs.first, pairs.second, strict=True)) == [(1, 10), (9, 11)]


def test_nothing_to_compare() -> None:
    assert len(all_same_pictures(np.zeros((0, SIZE, SIZE), np.uint8)).first) == 0
