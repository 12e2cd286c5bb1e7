"""Rows are matched by their number, emotions by name, and what cannot be compared is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.predictions import Predictions
from mien.evaluate.shared_rows import distinct, shared_rows
from mien.labels import EMOTIONS


def predictions(model: str, rows: list[int], targets: list[int], said: list[int], classes: int = 7) -> Predictions:
    probabilities = np.full((len(rows), 8), np.nan, np.float32)
    probabilities[:, :classes] = 0.4 / max(classes - 1, 1)
    probabilities[np.arange(len(rows)), said] = 0.6
    return Predictions(
        model=model, trained_on="x", data="d", data_sha256="a" * 64, split="test", labels="x",
        emotions=np.arange(8) < classes, rows=np.array(rows), targets=np.array(targets), probabilities=probabilities,
    )  # fmt: skip


A = predictions("a", [3, 5, 8, 9], [0, 1, 2, 6], [0, 1, 1, 6])


def test_rows_in_another_order_are_matched_by_their_number() -> None:
    b = predictions("b", [9, 4, 8, 3], [6, 3, 2, 0], [5, 3, 2, 0])
    found = shared_rows([A, b])
    assert found.models == ("a", "b")
    assert found.rows.tolist() == [3, 8, 9]
    assert found.targets.tolist() == [0, 2, 6]
    assert found.said.tolist() == [[0, 1, 6], [0, 2, 5]]
    assert found.left_out == (1, 1)
    assert found.classes == EMOTIONS[:7]


def test_emotions_that_one_lacks_are_left_out_with_their_rows_and_probabilities() -> None:
    found = shared_rows([A, predictions("b", [3, 5, 8], [0, 1, 2], [0, 1, 2], classes=3)])
    assert found.classes == EMOTIONS[:3]
    assert found.rows.tolist() == [3, 5, 8]
    assert found.left_out == (1, 0)
    np.testing.assert_allclose(found.probabilities.sum(axis=2), 1)
    # of 0.6 and six times 0.0667 three are left: 0.6 / 0.7333
    assert found.probabilities[0, 0, 0] == pytest.approx(0.6 / (0.6 + 2 * 0.4 / 6))


def test_three_models_share_what_all_have() -> None:
    b, c = (replace(A, rows=np.array(rows)) for rows in ([3, 5, 8, 10], [2, 5, 8, 9]))
    with pytest.raises(MienError, match="b: other targets than a"):
        shared_rows([A, replace(b, model="b", targets=np.array([0, 2, 2, 6]))])
    assert shared_rows([A, b, c]).rows.tolist() == [5, 8]
    assert shared_rows([A, b, c]).models == ("a", "a (2)", "a (3)")


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([], "at least two models"),
        ([replace(A, model="b", data_sha256="b" * 64)], "b: of another data set than a .sha256 bbbb"),
        ([replace(A, model="b", labels="ferplus")], "b: judged by ferplus labels, a by x"),
        ([replace(A, model="b", rows=A.rows + 100, split="valid")], r"no row in common \(splits test, valid\)"),
        ([replace(A, model="b", names=("anger|disgust", *EMOTIONS[1:]))], "b: answers anger.disgust where a"),
        ([predictions("b", [3], [0], [0], classes=1)], "1 emotions in common"),
    ],
)
def test_what_cannot_be_compared_is_told(others: list[Predictions], told: str) -> None:
    with pytest.raises(MienError, match=told) as caught:
        shared_rows([A, *others])
    assert "\n" not in str(caught.value)


def test_names_are_told_apart() -> None:
    assert distinct(["a", "b", "a", "a"]) == ("a", "b", "a (2)", "a (3)")
