"""From a model and a data set to scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.errors import MienError
from mien.evaluate.evaluation import evaluate
from mien.evaluate.probabilities_file import save_probabilities


def test_the_name_in_python_is_the_function_whatever_was_imported_before(faces, bright) -> None:
    import importlib

    assert mien.evaluate(bright(), faces) == evaluate(bright(), faces)
    folder = importlib.import_module("mien.evaluate")
    assert folder(bright(), faces, split="PublicTest").split == "PublicTest"


def test_a_seven_class_model_on_ferplus_labels_leaves_contempt_out_and_says_so(faces, bright) -> None:
    scores = evaluate(bright(), faces, labels="ferplus")
    assert (scores.n, scores.labels, scores.trained_on) == (13, "ferplus", "fer2013")
    assert scores.dropped == {"excluded": 0, "no_label": 1, "not_in_model": 1}
    (note,) = scores.notes
    assert "1 row shows an emotion" in note
    assert f"{100 * 11 / 14:.2f} %" in note


def test_an_eight_class_model_on_fer2013_labels_answers_among_seven(faces, bright, eight) -> None:
    pixels = faces.pixels.copy()
    pixels[:, 0, 0] = 7  # says contempt of every face
    scores = evaluate(bright(eight, "ferplus"), faces.replace(pixels=pixels), labels="fer2013")
    assert (scores.n, len(scores.classes)) == (15, 7)
    assert scores.nll == pytest.approx(np.log(7), abs=1e-5)
    assert any("normalised anew" in note for note in scores.notes)


def test_a_single_split_has_no_deduplicated_score_and_says_why(faces, bright) -> None:
    scores = evaluate(bright(), faces.in_split("PrivateTest"))
    assert scores.to_dict()["deduplicated"] is None
    assert any("single split" in note for note in scores.notes)


def test_the_mirror_is_told_apart(faces, bright) -> None:
    scores = evaluate(bright(), faces, tta=True)
    assert scores.tta is not None
    assert scores.tta["name"] == "mirror"
    # rows 50 and 51 are said wrong on one side and right on the other: a tie, which the lower label wins
    assert scores.tta["top1"] >= scores.top1
    assert scores.top1 == evaluate(bright(), faces).top1


def test_the_seed_decides_the_interval_alone(faces, bright) -> None:
    a, b, c = (evaluate(bright(), faces, split="train", seed=seed, labels="ferplus") for seed in (1, 1, 2))
    assert a == b
    assert a.top1 == c.top1


def test_rows_can_be_excluded(faces, bright, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("row\n50\n51\n3\n")
    scores = evaluate(bright(), faces, exclude=tmp_path / "f.csv")
    assert (scores.n, scores.top1, scores.dropped["excluded"]) == (13, 100.0, 2)


def test_saved_probabilities_give_the_same_scores(faces, bright, tmp_path: Path) -> None:
    scores = evaluate(bright(), faces, tta="mirror")
    path = tmp_path / "p.npz"
    save_probabilities(path, scores.predictions)
    assert evaluate(path) == scores
    assert evaluate(str(path), faces, "test") == scores
    for changed, told in (
        ({"split": "PublicTest"}, "leave --split out"),
        ({"labels": "ferplus"}, "leave --labels out"),
        ({"exclude": path}, "leave --exclude out"),
    ):
        with pytest.raises(MienError, match=told):
            evaluate(path, **changed)
    with pytest.raises(MienError, match="another data set"):
        evaluate(path, faces.replace(pixels=255 - faces.pixels))


def test_an_onnx_file_by_path(faces, tiny_model) -> None:
    path = tiny_model()
    scores = evaluate(path, faces, labels="ferplus")
    assert scores.model == str(path)
    assert scores.trained_on == "ferplus"


def test_what_is_missing_is_told(faces, bright) -> None:
    with pytest.raises(MienError, match="no data to evaluate on"):
        evaluate("small")
    with pytest.raises(MienError, match="no split 'Fold1'"):  # before the model is looked for
        evaluate("no-such-model", faces, "Fold1")
