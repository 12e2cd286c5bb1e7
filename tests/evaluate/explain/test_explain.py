from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.explain.explain import explain


def test_each_face_is_asked_about_its_likeliest_emotion(corner, crops) -> None:
    said = explain(corner(), crops)
    assert said.names == ("happiness",) * 5
    assert (said.values > 0.9).all()
    assert explain(corner(), crops // 4).names == ("anger",) * 5
    assert explain(corner(), crops, "anger").values.max() < 0.1
    assert said.summary() == {
        "method": "grad-cam", "layer": None, "n": 5, "map": [12, 12], "randomised": None, "suspicious": None,
    }  # fmt: skip


def test_a_true_map_beats_shuffled_ones_and_is_forgotten(corner, crops) -> None:
    summary = explain(corner(), crops, check=True).summary()
    assert summary["deletion"] < summary["deletion_shuffled"] - 0.1
    assert summary["insertion"] > summary["insertion_shuffled"] + 0.1
    assert summary["rank_correlation"] < 0.3
    assert (summary["randomised"], summary["suspicious"]) == ("all weights", False)


def test_a_map_that_stays_is_suspicious(corner, crops) -> None:
    summary = explain(corner(honest=False), crops, check=True).summary()
    assert summary["rank_correlation"] == pytest.approx(1)
    assert summary["ssim"] == pytest.approx(1)
    assert summary["suspicious"] is True


def test_what_cannot_forget_is_still_scored(corner, crops) -> None:
    said = explain(corner(forgets=False), crops, check=True)
    assert said.forgotten == "nothing: cannot forget"
    assert set(said.scores) == {"deletion", "deletion_shuffled", "insertion", "insertion_shuffled"}
    assert said.summary()["suspicious"] is None


def test_words_that_will_not_do_are_told(corner, crops) -> None:
    for wrong, words in (
        ({"method": "lime"}, "--method lime: expected cam, grad-cam"),
        ({"target": "sadness"}, "model corner says emotion, anger, happiness"),
        ({"method": "occlusion", "layer": "blocks"}, "occlusion looks at no layer"),
    ):
        with pytest.raises(MienError, match=words):
            explain(corner(), crops, **wrong)


def test_seeds_give_the_same_scores_again(corner, crops) -> None:
    first, again, other = (explain(corner(), crops, check=True, seed=s).scores for s in (1, 1, 2))
    np.testing.assert_array_equal(first["deletion_shuffled"], again["deletion_shuffled"])
    assert (first["deletion_shuffled"] != other["deletion_shuffled"]).any()
