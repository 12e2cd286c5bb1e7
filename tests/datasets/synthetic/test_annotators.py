from __future__ import annotations

import numpy as np
from tests.datasets.synthetic.conftest import showing

from mien.datasets.synthetic.annotators import ANNOTATORS, beliefs, vote
from mien.datasets.synthetic.expression import express
from mien.labels import EMOTIONS, VOTE_COLUMNS

ROWS = np.arange(800, dtype=np.int64)
EMOTION = ROWS % 8


def test_a_clear_face_is_believed() -> None:
    belief = beliefs(showing(AU06=0.6, AU12=0.7, AU25=0.4))
    np.testing.assert_allclose(belief.sum(axis=1), 1, atol=1e-5)
    assert belief.argmax(axis=1).tolist() == [EMOTIONS.index("happiness")] * len(belief)


def test_everyone_votes_once() -> None:
    votes = vote(0, ROWS, EMOTION, express(0, ROWS, EMOTION, 0.5), EMOTIONS)
    assert votes.shape == (800, len(VOTE_COLUMNS))
    assert votes.dtype == np.int16
    assert (votes.sum(axis=1) == ANNOTATORS).all()
    assert 0 < votes[:, VOTE_COLUMNS.index("unknown")].mean() < 0.5


def test_annotators_disagree_more_about_hard_faces() -> None:
    agreement = []
    for difficulty in (0.0, 0.5, 1.0):
        votes = vote(0, ROWS, EMOTION, express(0, ROWS, EMOTION, difficulty), EMOTIONS)
        agreement.append(votes[ROWS, EMOTION].mean() / ANNOTATORS)
    assert agreement[0] > agreement[1] > agreement[2] > 0.5


def test_no_votes_for_emotions_left_out() -> None:
    seven = EMOTIONS[:7]
    emotion = ROWS % 7
    votes = vote(0, ROWS, emotion, express(0, ROWS, emotion, 1.0), seven)
    assert not votes[:, EMOTIONS.index("contempt")].any()
