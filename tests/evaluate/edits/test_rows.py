"""Which faces are edited."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evaluate.edits.toys import toy_faces

from mien.datasets.face_set import one_hot
from mien.errors import MienError
from mien.evaluate.edits.rows import chosen_rows
from mien.labels import EMOTIONS, SEVEN


def test_only_held_out_real_labelled_faces_of_known_emotions() -> None:
    faces = toy_faces(70)
    made_from = np.full(70, -1)
    made_from[2] = 0
    excluded = np.zeros(70, bool)
    excluded[0] = True
    label = faces.hard("fer2013")
    label[4] = -1
    faces = faces.replace(made_from=made_from, targets={"fer2013": one_hot(label, SEVEN)})
    emotions = ("neutral", "anger", "fear", "sadness", "surprise")  # neither disgust nor happiness
    rows = chosen_rows(faces, emotions, None, None, trained_on="fer2013", excluded=excluded)
    kept = [i for i in range(6, 70, 2) if EMOTIONS[label[i]] in emotions]
    assert rows.faces.row.tolist() == kept
    assert [emotions[k] for k in rows.own] == [EMOTIONS[label[i]] for i in kept]
    lost = sum(EMOTIONS[label[i]] in ("disgust", "happiness") for i in range(6, 70, 2))
    assert rows.dropped == {"excluded": 1, "made": 1, "no_label": 1, "not_in_generator": lost}
    assert (rows.split, rows.labels, rows.available) == ("Test", "fer2013", len(kept))


def test_a_draw_is_random_and_the_same_again() -> None:
    faces = toy_faces(140)
    first, again, other = (chosen_rows(faces, SEVEN, None, None, trained_on="fer2013", n=20, seed=s) for s in (0, 0, 1))
    assert len(first.own) == 20
    assert first.available == 70
    assert first.faces.row.tolist() == again.faces.row.tolist() == sorted(first.faces.row.tolist())
    assert first.faces.row.tolist() != other.faces.row.tolist()
    assert len(chosen_rows(faces, SEVEN, None, None, trained_on="fer2013", n=1000).own) == 70


def test_nothing_to_edit() -> None:
    faces = toy_faces(14, emotions=("fear", "anger"))
    with pytest.raises(MienError, match="no row of Test has a fer2013 label among happiness, neutral"):
        chosen_rows(faces, ("happiness", "neutral"), None, None, trained_on="fer2013")
