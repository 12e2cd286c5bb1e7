"""Several models together, from their evaluations alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.evaluate.probabilities_file import save_probabilities
from mien.evaluate.scores import score
from mien.evaluate.side_by_side import costs, fitting_files, fitting_split, side_by_side


def test_models_on_the_same_rows_are_compared_and_combined(noisy) -> None:
    ours = [score(noisy("a", 2.0, 0)), score(noisy("b", 1.0, 1))]
    held = [noisy("a", 2.0, 2, split="PublicTest"), noisy("b", 1.0, 3, split="PublicTest")]
    found = side_by_side(ours, held, cost=[1.0, 3.0], members=["x.onnx", "y.onnx"])
    assert found.comparison is not None
    assert found.comparison.top1 == [ours[0].top1, ours[1].top1]
    assert found.row("greedy").members == ["x.onnx", "y.onnx"]
    assert found.row("mean").ms == 4
    assert found.notes == []
    assert set(found.to_dict()) == {"models", "comparison", "ensembles", "notes"}
    with pytest.raises(MienError, match="no ensemble 'greedy' here: mean, max, vote; fitted ones need --fit-on"):
        side_by_side(ours).row("greedy")


def test_models_on_other_data_are_told_apart_and_not_compared(noisy) -> None:
    a = noisy("a", 2.0)
    found = side_by_side([score(a), score(replace(a, data_sha256="f" * 64))])
    assert (found.comparison, found.ensembles) == (None, [])
    assert [note.split(":")[0] for note in found.notes] == ["Not compared", "Not combined"]


def test_what_was_fitted_on_a_test_split_is_refused(noisy) -> None:
    test = [noisy("a", 2.0), noisy("b", 1.0, 1)]
    other = [replace(one, rows=one.rows + 10_000) for one in test]
    with pytest.raises(MienError, match="not fitted on PrivateTest, a test split"):
        side_by_side([score(one) for one in test], other)
    with pytest.raises(MienError, match="shares 600 rows"):
        side_by_side([score(one) for one in test], test)


def test_where_to_fit(noisy, faces, tmp_path: Path) -> None:
    files = [str(tmp_path / f"{name}.npz") for name in "ab"]
    for path in files:
        save_probabilities(path, noisy("a", 1.0, n=40, split="PublicTest"))
    saved = fitting_files(files)
    assert saved is not None
    assert [len(one) for one in saved] == [40, 40]
    assert fitting_files(["PublicTest"]) is None
    assert fitting_split(faces, "validation") == "PublicTest"
    for wrong in ([files[0], "PublicTest"], ["PublicTest", "Training"]):
        with pytest.raises(MienError, match="--fit-on"):
            fitting_files(wrong)
    with pytest.raises(MienError, match="a test split fits nothing"):
        fitting_split(faces, "test")
    with pytest.raises(MienError, match="needs --data"):
        fitting_split(None, "PublicTest")


def test_what_is_saved_has_no_cost(tiny_model) -> None:
    assert costs(["a.npz"]) == [None]
    (ms,) = costs([str(tiny_model())])
    assert ms is not None
    assert ms > 0
