"""Faces whose class the mouth alone decides."""

from __future__ import annotations

import numpy as np

from mien.datasets.synthetic.mouth_alone import MOUTHS, mouth_alone
from mien.labels import EMOTIONS


def test_faces_are_the_same_however_many_are_asked_for() -> None:
    few, boxes = mouth_alone(5, seed=3)
    more, others = mouth_alone(9, seed=3)
    np.testing.assert_array_equal(few.pixels, more.pixels[:5])
    np.testing.assert_array_equal(boxes, others[:5])
    assert not np.array_equal(few.pixels, mouth_alone(5, seed=4)[0].pixels)


def test_every_class_comes_and_is_named() -> None:
    faces, boxes = mouth_alone(200)
    names, counts = np.unique([EMOTIONS[k] for k in faces.hard("synthetic")], return_counts=True)
    assert set(names) == set(MOUTHS)
    assert counts.min() > 30
    assert boxes.shape == (200, 4)


def test_the_box_is_the_mouths_and_small() -> None:
    _, boxes = mouth_alone(100)
    middle_x, middle_y = boxes[:, ::2].mean(axis=1), boxes[:, 1::2].mean(axis=1)
    assert (np.abs(middle_x - 24) < 8).all()
    assert ((middle_y > 28) & (middle_y < 46)).all()
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert 0 < np.median(area) / 48**2 < 0.15
    tight = mouth_alone(100, seen=12)[1]
    assert (tight[:, 3] - tight[:, 1]).mean() < (boxes[:, 3] - boxes[:, 1]).mean()


def test_nothing_outside_the_mouth_tells_the_class() -> None:
    """A class's mean brightness outside all boxes is what chance makes it: within 4 standard errors of the rest's."""
    faces, boxes = mouth_alone(400, difficulty=0.0)
    outside = np.ones((48, 48), bool)
    left, top, right, bottom = boxes[:, 0].min(), boxes[:, 1].min(), boxes[:, 2].max(), boxes[:, 3].max()
    outside[int(top) : int(bottom), int(left) : int(right)] = False
    light = faces.pixels[:, outside].mean(axis=1)
    label = faces.hard("synthetic")
    for k in np.unique(label):
        mine, rest = light[label == k], light[label != k]
        error = np.sqrt(mine.var() / len(mine) + rest.var() / len(rest))
        assert abs(mine.mean() - rest.mean()) < 4 * error
