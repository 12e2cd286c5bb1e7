"""Rows by class and split, and what they lack."""

from __future__ import annotations

import numpy as np

from mien.datasets.census import class_counts, imbalance, missing_values, split_counts, split_rows
from mien.datasets.face_set import FaceSet, one_hot
from mien.labels import SEVEN


def faces() -> FaceSet:
    index = np.array([0, 0, 0, 3, 3, -1, 0, 3])
    votes = np.zeros((8, 10), np.int16)
    votes[:7, 3], votes[0, 8] = 4, 6  # row 0: unknown wins; row 7: no votes
    units = np.zeros((8, 2), np.float32)
    units[1] = np.nan
    units[2, 1] = np.nan
    return FaceSet(
        name="few",
        pixels=np.zeros((8, 4, 4), np.uint8),
        targets={"fer2013": one_hot(index, SEVEN), "ferplus": np.full((8, 8), 0.125, np.float32),
                 "action_units": units, "valence": np.float32([np.nan] * 3 + [0] * 5)},
        votes=votes,
        action_units=("AU01", "AU02"),
        split=np.array(["Test", "Training", "Training", "Training", "", "Training", "Training", "Test"]),
        subject=np.array(["p"] * 6 + [""] * 2),
    )  # fmt: skip


def test_rows_by_class_and_split() -> None:
    found = class_counts(faces(), "fer2013")
    assert found.names == SEVEN
    assert found.splits == ("Training", "Test", "(none)")
    assert found.counts[0].tolist() == [3, 1, 0]
    assert found.counts[3].tolist() == [1, 1, 1]
    assert found.unlabelled.tolist() == [1, 0, 0]
    assert found.counts.sum() + found.unlabelled.sum() == 8
    document = found.to_dict()
    assert document["classes"]["anger"] == {"Training": 3, "Test": 1, "(none)": 0, "all": 4}
    assert document["imbalance"] == {"Training": 3, "Test": 1, "(none)": None, "all": 1.333}
    assert split_rows(faces())[1].tolist() == [1, 0, 0, 0, 2, 0, 0, 1]
    assert split_counts(faces()) == {"Training": 5, "Test": 2, "(none)": 1}


def test_ferplus_goes_by_the_majority_rule() -> None:
    found = class_counts(faces(), "ferplus")
    assert len(found.names) == 8
    assert found.total.tolist() == [0, 0, 0, 6, 0, 0, 0, 0]
    assert found.unlabelled.sum() == 2


def test_imbalance() -> None:
    assert imbalance(np.array([50, 1, 10])) == 50
    assert imbalance(np.array([50, 0])) is None
    assert imbalance(np.array([], np.int64)) is None


def test_what_rows_lack() -> None:
    found = missing_values(faces())
    assert {k: found[k] for k in ("split", "subject", "group", "votes", "box")} == {
        "split": 1, "subject": 2, "group": 8, "votes": 1, "box": 8,
    }  # fmt: skip
    assert found["targets"] == {"fer2013": 1, "ferplus": 0, "action_units": 1, "valence": 3}
    assert found["action_units"] == {"AU01": 1, "AU02": 2}
