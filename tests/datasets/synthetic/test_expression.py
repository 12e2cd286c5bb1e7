from __future__ import annotations

import numpy as np
import pytest
from tests.datasets.synthetic.conftest import PEOPLE, showing

from mien.datasets.synthetic.expression import AROUSAL, DRAWN_UNITS, PROTOTYPES, VALENCE, express
from mien.labels import ACTION_UNITS, EMOTIONS

ROWS = np.arange(400, dtype=np.int64)


def of(emotion: str, difficulty: float) -> np.ndarray:
    return express(0, ROWS, np.full(400, EMOTIONS.index(emotion)), difficulty).units


def test_names_are_those_of_the_vocabulary() -> None:
    assert set(PROTOTYPES) == set(EMOTIONS)
    assert set(DRAWN_UNITS) <= set(ACTION_UNITS)
    for table in (*PROTOTYPES.values(), VALENCE, AROUSAL):
        assert set(table) <= set(DRAWN_UNITS)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_easy_faces_show_their_prototype_and_nothing_else(emotion: str) -> None:
    shown = of(emotion, 0.0)
    own = [name in PROTOTYPES[emotion] for name in DRAWN_UNITS]
    assert not shown[:, np.logical_not(own)].any()
    if emotion != "neutral":
        assert (shown.max(axis=1) > 0.2).all(), "a face must show something of its emotion"


def test_hard_faces_show_less_of_their_own_and_more_of_others() -> None:
    own = [name in PROTOTYPES["anger"] for name in DRAWN_UNITS]
    easy, hard = of("anger", 0.0), of("anger", 1.0)
    assert hard[:, own].mean() < 0.8 * easy[:, own].mean()
    assert hard[:, np.logical_not(own)].mean() > 0.005
    assert (hard >= 0).all()
    assert (hard <= 1).all()


def test_valence_and_arousal_follow_the_stated_sum() -> None:
    shows = showing(AU06=0.5, AU12=1.0)
    np.testing.assert_allclose(shows.valence, np.full(PEOPLE, 0.30 * 0.5 + 0.75), atol=1e-6)
    np.testing.assert_allclose(shows.arousal, np.full(PEOPLE, 0.10 * 0.5 + 0.20), atol=1e-6)
    assert showing(AU04=1, AU09=1, AU15=1).valence.min() == -1, "clipped"


def test_affect_of_the_emotions_has_the_expected_signs() -> None:
    mean = {}
    for k, name in enumerate(EMOTIONS):
        shows = express(0, ROWS, np.full(400, k), 0.5)
        mean[name] = (shows.valence.mean(), shows.arousal.mean())
    assert max(mean, key=lambda e: mean[e][0]) == "happiness"
    assert all(mean[e][0] < -0.2 for e in ("anger", "disgust", "fear", "sadness"))
    assert min(mean, key=lambda e: mean[e][1]) == "sadness"
    assert all(mean[e][1] > 0.3 for e in ("anger", "fear", "surprise"))


def test_contempt_pulls_one_corner_only() -> None:
    shows = express(0, ROWS, np.full(400, EMOTIONS.index("contempt")), 0.5)
    assert (np.minimum(shows.left, shows.right) == 0).all()
    assert (np.maximum(shows.left, shows.right) == 1).all()
    assert 0.35 < (shows.left == 1).mean() < 0.65
    smiles = express(0, ROWS, np.full(400, EMOTIONS.index("happiness")), 0.0)
    assert (smiles.left == 1).all()
    assert (smiles.right == 1).all()
