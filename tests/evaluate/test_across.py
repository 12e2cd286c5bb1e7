"""One model on several data sets: classes are matched by name, and what one side lacks is counted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.synthetic import synthetic
from mien.errors import MienError
from mien.evaluate.across import across
from mien.evaluate.evaluation import evaluate
from mien.labels import EMOTIONS, SEVEN

ANGER, DISGUST, FEAR, HAPPY = EMOTIONS[:4]
CONTEMPT = EMOTIONS[7]


def drawn(name: str, labels: list[int], said: list[int], names: tuple[str, ...] = EMOTIONS) -> FaceSet:
    """Faces without splits whose left upper pixel names the position that `bright` says."""
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), 48, 48), dtype=np.uint8)
    pixels[:, 0, 0] = said
    return FaceSet(name, pixels=pixels, targets={name: one_hot(np.array(labels), names)})


def test_classes_that_one_side_lacks_are_left_out_and_counted(bright) -> None:
    eight = drawn("eight", [0, 1, 7, 7, 3], [0, 1, 2, 3, 3])
    four = drawn("four", [0, 1, 2, 3], [0, 1, 2, 5], SEVEN[:4])
    one, two = across(bright(), [eight, four])
    assert (one.data, one.split, one.n, one.top1) == ("eight", "all", 3, 100)
    assert one.classes == list(SEVEN)
    assert one.only_data == {CONTEMPT: 2}
    assert one.only_model == {}
    assert (two.n, two.classes, two.only_data) == (4, list(SEVEN[:4]), {})
    assert two.only_model == {SEVEN[4]: 0, SEVEN[5]: 1, SEVEN[6]: 0}
    assert two.top1 == 75
    assert any("2 rows show an emotion that the model does not have" in note for note in one.notes)


def test_without_a_mapping_the_scores_are_those_of_evaluate(bright, faces) -> None:
    (row,) = across(bright(), [faces])
    scores = evaluate(bright(), faces)
    assert (row.top1, row.top1_ci95, row.ece) == (scores.top1, scores.top1_ci95, scores.ece)
    assert (row.split, row.labels, row.trained_on) == ("PrivateTest", "fer2013", "fer2013")
    (other,) = across(bright(), [faces], "PublicTest", "ferplus")
    assert (other.split, other.labels, other.n) == ("PublicTest", "ferplus", 15)


def test_a_mapping_renames_labels_and_adds_up_probabilities(bright, eight) -> None:
    merges = {CONTEMPT: DISGUST}
    data = drawn("eight", [0, 1, 7, 7, 3], [0, 7, 7, 1, 7])
    (seven,) = across(bright(), [data], mapping=merges)  # says position % 7, so that 7 is anger
    assert (seven.n, seven.top1, seven.only_data, seven.mapping) == (5, 40, {}, merges)
    (row,) = across(bright(eight, "eight"), [data], mapping=merges)
    assert (row.n, row.top1) == (5, 80)  # contempt said for disgust, and the other way round, is right now
    assert row.classes == list(SEVEN)
    assert (row.only_model, row.only_data) == ({}, {})
    assert row.notes[0] == f"{CONTEMPT} counts as {DISGUST}."
    values = row.evaluation.predictions.probabilities
    assert np.isnan(values[:, 7]).all()
    np.testing.assert_allclose(np.nansum(values, axis=1), 1, rtol=1e-5)
    before = evaluate(bright(eight, "eight"), data).predictions.probabilities
    np.testing.assert_allclose(values[:, 1], before[:, 1] + before[:, 7])


def test_votes_are_mapped_by_the_majority_they_made(bright, faces) -> None:
    (plain,) = across(bright(), [faces], labels="ferplus")
    (mapped,) = across(bright(), [faces], labels="ferplus", mapping={CONTEMPT: FEAR})
    assert plain.only_data == {CONTEMPT: 1}
    assert (mapped.n, mapped.only_data) == (plain.n + 1, {})
    assert mapped.evaluation.deduplicated["n"] == plain.evaluation.deduplicated["n"] + 1


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({"joy": HAPPY}, "mapping joy -> .*: unknown emotion joy; known: anger"),
        ({ANGER: "joy"}, "unknown emotion joy"),
        ({ANGER: ANGER}, "is mapped itself"),
        ({ANGER: DISGUST, DISGUST: FEAR}, f"{ANGER} -> {DISGUST}: {DISGUST} is mapped itself"),
    ],
)
def test_mappings_that_cannot_be_meant(mapping: dict[str, str], told: str, bright, faces) -> None:
    with pytest.raises(MienError, match=told):
        across(bright(), [faces], mapping=mapping)


def test_saved_probabilities_cannot_be_run_on_several() -> None:
    for name in ("a.npz", "e.toml"):
        with pytest.raises(MienError, match=f"{name}: probabilities of one data set"):
            across(name, [])


def test_a_named_model_runs_on_every_set_and_rows_are_json(tiny_model) -> None:
    path = tiny_model(labels=SEVEN)
    rows = across(path, ["synthetic:n=8,seed=1", synthetic(n=6, seed=2)], "all", "synthetic")
    assert [row.n + sum(row.only_data.values()) for row in rows] == [8, 6]
    assert {row.model for row in rows} == {str(path)}
    documents = [row.to_dict() for row in rows]
    assert json.loads(json.dumps(documents)) == documents
    assert "evaluation" not in documents[0]
