"""Summaries weigh by time, and count nothing that was not seen."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import SEVEN
from mien.runtime.series.summaries import summaries, transitions

# stands for:  0.1  0.1  0.8  0.2   0.2   0.1  (the median)
TIMES = [0.0, 0.1, 0.2, 1.0, 1.2, 1.4]


def test_time_not_frames(track) -> None:
    table = track(TIMES, happiness=[0.9, 0.9, 0.1, None, 0.9, 0.2], columns={"abstain": [0, 0, 0, None, 1, 0]})
    (row,) = summaries(table, gap=1).to_dict("records")
    last = float(np.median([0.1, 0.1, 0.8, 0.2, 0.2]))
    seen = 0.1 + 0.1 + 0.8 + 0.2 + last
    assert (row["input"], row["track"], row["frames"], row["frames_with_face"], row["faces"]) == ("a.mp4", 1, 6, 5, 5)
    assert row["seconds"] == pytest.approx(seen + 0.2)
    assert row["share_with_face"] == pytest.approx(seen / (seen + 0.2))
    assert row["face_seconds"] == pytest.approx(seen)
    assert row["share_happiness"] == pytest.approx(0.2 / seen)
    assert row["share_abstained"] == pytest.approx(0.2 / seen)
    assert row["share_neutral"] == pytest.approx((0.8 + last) / seen)
    shares = sum(row[f"share_{name}"] for name in (*SEVEN, "abstained", "unclassified"))
    assert shares == pytest.approx(1)
    values, weights = np.array([0.9, 0.9, 0.1, 0.9, 0.2]), np.array([0.1, 0.1, 0.8, 0.2, last])
    mean = np.average(values, weights=weights)
    assert row["mean_happiness"] == pytest.approx(mean)
    assert row["sd_happiness"] == pytest.approx(np.sqrt(np.average((values - mean) ** 2, weights=weights)))


def test_a_frame_rate_that_changes_changes_no_share(track) -> None:
    even = track(np.arange(20) / 10, happiness=[0.9] * 10 + [0.1] * 10)
    dense = np.concatenate([np.arange(100) / 100, 1 + np.arange(10) / 10])
    uneven = track(dense, happiness=[0.9] * 100 + [0.1] * 10)
    one, other = summaries(even).iloc[0], summaries(uneven).iloc[0]
    assert one["share_happiness"] == pytest.approx(0.5)
    assert other["share_happiness"] == pytest.approx(0.5, abs=0.03)  # the last frame's standing is a guess


def test_a_track_is_looked_for_from_its_first_to_its_last_frame(track, join) -> None:
    times = np.arange(10) / 10
    table = join(track(times, happiness=[0.1] * 10), track(times[[3, 5]], fear=[0.9] * 2, frames=[3, 5], track=2))
    found = summaries(table).set_index("track")
    assert found.loc[2, ["frames", "frames_with_face", "faces"]].tolist() == [3, 2, 2]
    assert found.loc[2, "share_with_face"] == pytest.approx(2 / 3)
    assert found.loc[1, "share_with_face"] == 1
    whole = summaries(table, ["input"]).iloc[0]
    assert (whole["frames"], whole["faces"]) == (10, 12)
    assert whole["face_seconds"] == pytest.approx(1.2)


def test_by_condition_with_frames_outside_any(track) -> None:
    condition = ["rest"] * 2 + ["film"] * 3 + [None]
    table = track(np.arange(6) / 10, happiness=[0.1, 0.2, None, 0.9, 0.9, 0.9], columns={"condition": condition})
    found = summaries(table, ["track", "condition"])
    assert found[["input", "track", "condition"]].fillna("-").to_numpy().tolist() == [
        ["a.mp4", 1, "rest"], ["a.mp4", 1, "film"], ["a.mp4", 1, "-"],
    ]  # fmt: skip
    assert found["share_with_face"].tolist() == pytest.approx([1, 2 / 3, 1])
    assert found["mean_happiness"].tolist() == pytest.approx([0.15, 0.9, 0.9])
    assert summaries(table, ["condition"])["frames"].tolist() == [2, 3, 1]


def test_a_subject_goes_on_where_the_face_is_not_seen(track) -> None:
    table = track(np.arange(3) / 10, happiness=[0.1, None, 0.2], columns={"subject": ["S1", None, "S1"]})
    found = summaries(table, ["track", "subject"])
    assert found[["subject", "frames", "frames_with_face"]].to_numpy().tolist() == [["S1", 3, 2]]


def test_a_video_without_a_face_has_no_means(track) -> None:
    table = track([0, 0.1], happiness=[None, None])
    (row,) = summaries(table, ["input"]).to_dict("records")
    assert (row["share_with_face"], row["faces"]) == (0, 0)
    assert np.isnan(row["share_abstained"])
    assert summaries(table).empty


def test_columns_that_are_not_there(track) -> None:
    with pytest.raises(MienError, match="--by condition: the table has no such column; give --conditions"):
        summaries(track([0, 0.1], happiness=[0.1, 0.2]), ["condition"])


def test_transitions_count_changes_seen_in_one_go(track) -> None:
    happy, rest = 0.9, 0.1
    values = [happy, happy, rest, happy, None, rest, rest, happy, rest]
    table = track(np.arange(9) / 10, happiness=values, columns={"abstain": [0, 0, 0, 0, None, 0, 1, 0, 0]})
    found = transitions(table).set_index(["before", "after"])["n"].to_dict()
    assert found == {
        ("happiness", "neutral"): 2, ("neutral", "happiness"): 1, ("neutral", "abstained"): 1,
        ("abstained", "happiness"): 1,
    }  # fmt: skip
    shares = transitions(table).groupby("before")["probability"].sum()
    assert shares.tolist() == pytest.approx([1] * 3)
    halves = table.assign(condition=["x"] * 2 + ["y"] * 7)
    found = transitions(halves, ["condition"])
    assert set(found["condition"]) == {"y"}  # the change between x and y belongs to neither
    assert found["n"].sum() == 4
    assert transitions(track([0, 0.1], happiness=[0.1, 0.1])).empty
