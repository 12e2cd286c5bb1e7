"""Short pauses filled in, and marked."""

from __future__ import annotations

import pandas as pd
import pytest

from mien.runtime.series.filling import fill
from mien.runtime.series.summaries import summaries


def test_a_short_pause_is_a_line_and_a_long_one_stays_empty(track) -> None:
    table = track(
        [0, 0.1, 0.3, 0.4, 0.5, 2.0, 4.0], happiness=[0.2, None, None, 0.6, 0.7, None, 0.9],
        columns={"error": [None, None, "frame 2: broken", None, None, None, None]},
    )  # fmt: skip
    out = fill(table, 0.4)
    assert out["happiness"].tolist() == pytest.approx([0.2, 0.3, 0.5, 0.6, 0.7, float("nan"), 0.9], nan_ok=True)
    assert out["filled"].tolist() == [0, 1, 1, 0, 0, 0, 0]
    assert out["success"].tolist() == [1, 0, 0, 1, 1, 0, 1]
    assert out["frame"].tolist() == list(range(7))
    assert out["track"].fillna(-1).tolist() == [1, 1, 1, 1, 1, -1, 1]
    assert out["error"][2] == "frame 2: broken"
    assert out.loc[1, ["FaceRectX", "face"]].isna().all()
    assert out["emotion"][1] == "neutral"
    assert fill(table, 0.39)["filled"].sum() == 0


def test_a_face_missing_among_others_gets_a_row_and_the_others_keep_theirs(track, join) -> None:
    table = join(track([0, 0.1, 0.2], happiness=[0.5] * 3, track=2), track([0, 0.2], happiness=[0, 1], frames=[0, 2]))
    out = fill(table, 1.0)
    assert len(out) == 6
    new = out[out["filled"] == 1]
    assert new[["track", "frame", "happiness"]].to_numpy().tolist() == [[1, 1, 0.5]]
    assert out["time"].is_monotonic_increasing


def test_filled_rows_are_not_counted_as_seen(track) -> None:
    table = track([0, 0.1, 0.2, 0.3], happiness=[0.9, None, 0.9, 0.9])
    before, after = summaries(table), summaries(fill(table, 1))
    pd.testing.assert_frame_equal(before, after)


def test_a_face_that_was_not_classified_is_filled_in_its_place(track) -> None:
    table = track([0, 0.1, 0.2], happiness=[0.2, 0.2, 0.6], columns={"subject": ["S1"] * 3})
    table.loc[1, ["happiness", "neutral", "emotion", "confidence"]] = None
    out = fill(table, 1)
    assert out["happiness"].tolist() == pytest.approx([0.2, 0.4, 0.6])
    assert out["success"].tolist() == [1, 1, 1]
    assert out["filled"].tolist() == [0, 1, 0]
    assert out["emotion"][1] == "neutral"
    gone = fill(track([0, 0.1, 0.2], happiness=[0.2, None, 0.6], columns={"subject": ["S1", None, "S1"]}), 1)
    assert gone["subject"].tolist() == ["S1"] * 3


def test_no_pause_no_change(track) -> None:
    table = track([0, 0.1], happiness=[0.9, 0.8])
    out = fill(table, 1)
    assert out["filled"].tolist() == [0, 0]
    assert out.drop(columns="filled").equals(table)
