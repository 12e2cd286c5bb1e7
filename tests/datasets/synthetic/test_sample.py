from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic import DRAWN_UNITS, synthetic
from mien.errors import MienError
from mien.labels import EMOTIONS, SEVEN


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    return synthetic(100)


def test_what_is_known_of_each_face(faces: FaceSet) -> None:
    assert faces.name == "synthetic"
    assert faces.pixels is not None
    assert faces.pixels.shape == (100, 48, 48)
    assert faces.pixels.dtype == np.uint8
    assert faces.action_units == DRAWN_UNITS
    shapes = {name: target.shape for name, target in faces.targets.items()}
    assert shapes == {
        "synthetic": (100, 8), "ferplus": (100, 8), "action_units": (100, len(DRAWN_UNITS)),
        "intensity": (100, len(DRAWN_UNITS)), "valence": (100,), "arousal": (100,),
    }  # fmt: skip
    assert all(target.dtype == np.float32 for target in faces.targets.values())
    assert faces.emotion_schemes == ("synthetic", "ferplus")
    assert faces.votes is not None
    assert (faces.hard("ferplus") == faces.hard("synthetic")).mean() > 0.7


def test_more_faces_and_other_splits_leave_the_first_as_they_are(faces: FaceSet) -> None:
    few = synthetic(40, splits={"Training": 1, "PublicTest": 1})
    first = faces.select(np.arange(40))
    np.testing.assert_array_equal(few.pixels, first.pixels)
    np.testing.assert_array_equal(few.votes, first.votes)
    for name in few.targets:
        np.testing.assert_array_equal(few.targets[name], first.targets[name])


def test_nobody_stands_in_two_splits() -> None:
    faces = synthetic(120, identities=30, size=16)
    by_split = {name: set(faces.subject[faces.split == name]) for name in ("Training", "Validation", "Test")}
    assert [len(people) for people in by_split.values()] == [24, 3, 3]
    assert len(set.union(*by_split.values())) == 30
    np.testing.assert_array_equal(faces.group, faces.subject)


def test_seeds_draw_other_faces(faces: FaceSet) -> None:
    assert faces.pixels is not None
    other = synthetic(100, seed=1)
    assert other.pixels is not None
    assert (faces.pixels != other.pixels).any(axis=(1, 2)).all()
    assert faces.content != other.content


def test_seven_emotions_and_a_balance() -> None:
    faces = synthetic(200, emotions=("happy", *SEVEN), balance={"happiness": 3, "disgust": 1}, size=16)
    assert np.isnan(faces.targets["synthetic"][:, 7]).all()
    counts = np.bincount(faces.hard("synthetic"), minlength=8)
    assert abs(counts[EMOTIONS.index("happiness")] - 150) <= 3
    assert counts[EMOTIONS.index("happiness")] + counts[EMOTIONS.index("disgust")] == 200


def test_colour_shows_the_same_faces_as_grey() -> None:
    grey, rgb = synthetic(30, difficulty=0), synthetic(30, difficulty=0, colour="rgb")
    assert grey.pixels is not None
    assert rgb.pixels is not None
    assert rgb.pixels.shape == (30, 48, 48, 3)
    head = (slice(None), slice(10, 40), slice(14, 34))  # the wall is tinted, the face is not
    luminance = (rgb.pixels.astype(float) @ (0.299, 0.587, 0.114))[head]
    assert np.abs(luminance - grey.pixels[head]).mean() < 1
    np.testing.assert_array_equal(grey.targets["action_units"], rgb.targets["action_units"])


@pytest.mark.parametrize(
    ("bad", "names"),
    [
        ({"n": 0}, "n=0"),
        ({"difficulty": 1.2}, "difficulty"),
        ({"size": 8}, "size"),
        ({"colour": "grau"}, "colour"),
        ({"emotions": ()}, "emotions"),
        ({"emotions": ("bored",)}, "bored"),
        ({"balance": {"happiness": -1}}, "balance"),
        ({"emotions": SEVEN, "balance": {"contempt": 1}}, "balance"),
        ({"splits": {}}, "splits"),
        ({"identities": 2}, "identities"),
    ],
)
def test_bad_arguments_are_named(bad: dict[str, Any], names: str) -> None:
    with pytest.raises(MienError, match=names):
        synthetic(**{"n": 1, **bad})


def _linear_reader(faces: FaceSet, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression on the pixels, fitted on Training: what it reads off the other rows, and the truth."""
    assert faces.pixels is not None
    x = faces.pixels.reshape(len(faces), -1).astype(np.float32)
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    fit = faces.split == "Training"
    y = faces.targets[target]
    x_mean, y_mean = x[fit].mean(axis=0), y[fit].mean(axis=0)
    a, b = x[fit] - x_mean, x[~fit] - x_mean
    kernel = a @ a.T
    kernel += np.eye(len(a), dtype=np.float32) * (0.1 * np.trace(kernel) / len(a))
    return b @ (a.T @ np.linalg.solve(kernel, y[fit] - y_mean)) + y_mean, y[~fit]


def test_difficulty_makes_it_harder() -> None:
    """A cheap linear reader: near 80, 50 and 30 % of a thousand people's faces."""
    accuracy = []
    for difficulty in (0.2, 0.5, 0.8):
        read, truth = _linear_reader(synthetic(1500, difficulty=difficulty), "synthetic")
        accuracy.append((read.argmax(axis=1) == truth.argmax(axis=1)).mean())
    assert accuracy[0] > accuracy[1] + 0.1
    assert accuracy[1] > accuracy[2] + 0.1
    assert accuracy[2] > 0.2, "above chance"


def test_units_can_be_read_off_the_picture() -> None:
    read, truth = _linear_reader(synthetic(1500, difficulty=0.1), "action_units")
    for unit in ("AU01", "AU02", "AU04", "AU05", "AU06", "AU09", "AU12", "AU15", "AU26"):
        k = DRAWN_UNITS.index(unit)
        assert np.corrcoef(read[:, k], truth[:, k])[0, 1] > 0.5, unit
