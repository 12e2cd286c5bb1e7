"""Stretches of one emotion."""

from __future__ import annotations

import pytest

from mien.runtime.series.intervals import intervals


def test_stretches_end_where_the_next_frame_begins_and_gaps_lie_in_none(track) -> None:
    table = track(
        [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7], happiness=[0.1, 0.9, 0.9, None, 0.9, 0.2, 0.2],
        columns={"abstain": [0, 0, 0, None, 0, 1, 0]},
    )  # fmt: skip
    found = intervals(table)
    rows = found[["emotion", "start", "end", "frames", "after_gap"]].to_numpy().tolist()
    assert rows == [
        ["neutral", 0, 0.1, 1, 1],
        ["happiness", 0.1, 0.3, 2, 0],
        ["happiness", 0.4, 0.6, 1, 1],
        ["abstained", 0.6, 0.7, 1, 0],
        ["neutral", 0.7, pytest.approx(0.8), 1, 0],
    ]


def test_a_face_that_was_not_classified_says_so(track) -> None:
    table = track([0, 0.1], happiness=[0.9, 0.9])
    table.loc[1, "emotion"] = None
    assert intervals(table)["emotion"].tolist() == ["happiness", "unclassified"]


def test_a_change_of_condition_ends_a_stretch(track) -> None:
    table = track([0, 0.1, 0.2], happiness=[0.9] * 3, columns={"condition": ["x", "y", "y"]})
    found = intervals(table, within=["condition"])
    assert found[["condition", "start", "after_gap"]].to_numpy().tolist() == [["x", 0, 1], ["y", 0.1, 1]]
