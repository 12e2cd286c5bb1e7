"""Changes from each person's own baseline."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.runtime.series.baseline import FLOOR, Stretch, against_baseline

TIMES = np.arange(40) / 10


def test_the_first_seconds_of_each_track_are_taken_off(track, join) -> None:
    one = track(TIMES, happiness=[0.1] * 20 + [0.7] * 20)
    two = track(TIMES + 1, happiness=[0.3] * 20 + [0.2] * 20, track=2, frames=list(range(10, 50)))
    out, baselines = against_baseline(join(one, two), Stretch.parse("first:1.5"))
    np.testing.assert_allclose(out[out["track"] == 1]["happiness_delta"], [0] * 20 + [0.6] * 20, atol=1e-12)
    np.testing.assert_allclose(out[out["track"] == 2]["happiness_delta"], [0] * 20 + [-0.1] * 20, atol=1e-12)
    assert [(one.person, one.n, one.start, one.end) for one in baselines] == [
        ("a.mp4: track 1", 16, 0.0, 1.5), ("a.mp4: track 2", 16, 1.0, 2.5),
    ]  # fmt: skip
    assert baselines[0].values["happiness"] == pytest.approx(0.1)
    assert out["happiness"].tolist() == [*one["happiness"], *two["happiness"]]  # the values themselves stay


def test_median_and_mean_of_a_condition(track) -> None:
    condition = ["rest"] * 11 + ["film"] * 29
    table = track(TIMES, happiness=[0.1] * 10 + [0.9] + [0.5] * 29, columns={"condition": condition})
    stretch = Stretch.parse("condition=rest")
    out, _ = against_baseline(table, stretch)
    assert out["happiness_delta"].iloc[-1] == pytest.approx(0.4)
    out, found = against_baseline(table, stretch, of="mean")
    assert out["happiness_delta"].iloc[-1] == pytest.approx(0.5 - 1.9 / 11)
    assert found[0].n == 11


def test_log_ratios_of_probabilities_and_differences_of_affect(track) -> None:
    table = track(TIMES, happiness=[0.1] * 20 + [0.4] * 20, columns={"valence": [-0.5] * 20 + [0.25] * 20})
    out, _ = against_baseline(table.assign(arousal=0.0), Stretch(seconds=1), how="log-ratio")
    assert out["happiness_logratio"].iloc[-1] == pytest.approx(np.log((0.4 + FLOOR) / (0.1 + FLOOR)))
    assert out["fear_logratio"].iloc[-1] == 0
    assert out["valence_delta"].iloc[-1] == pytest.approx(0.75)
    assert "valence_logratio" not in out


def test_a_person_over_videos_has_one_baseline_from_the_first(track, join) -> None:
    first = track(TIMES, happiness=[0.2] * 40, columns={"subject": ["S1"] * 40})
    second = track(TIMES, happiness=[0.8] * 40, input="b.mp4", track=5, columns={"subject": ["S1"] * 40})
    out, found = against_baseline(join(first, second), Stretch(seconds=2), by="subject")
    assert [one.person for one in found] == ["subject S1"]
    assert out["happiness_delta"].iloc[-1] == pytest.approx(0.6)


def test_too_few_rows_are_refused_and_told(track, join) -> None:
    short = track(TIMES[:5], happiness=[0.2] * 5, track=2)
    out, found = against_baseline(join(track(TIMES, happiness=[0.5] * 40), short), Stretch(seconds=2))
    assert out[out["track"] == 2]["happiness_delta"].isna().all()
    assert [one.refused for one in found if one.refused] == [
        "a.mp4: track 2: 5 rows with a face where first 2 s, and a baseline needs 10"
    ]
    with pytest.raises(MienError, match="5 rows with a face"):
        against_baseline(short, Stretch(seconds=2))
    out, _ = against_baseline(short, Stretch(seconds=2), least=5)
    assert out["happiness_delta"].notna().all()


def test_empty_and_filled_rows_are_no_baseline(track) -> None:
    from mien.runtime.series.filling import fill

    table = fill(track(TIMES, happiness=[0.1, *[None] * 10, *[0.5] * 29]), 5)
    _, found = against_baseline(table, Stretch(seconds=1.95))
    assert found[0].n == 10
    assert found[0].values["happiness"] == pytest.approx(0.5)


@pytest.mark.parametrize("text", ["first", "first:0", "last:3", "=x", "condition=", "first:x"])
def test_what_is_no_stretch(text: str) -> None:
    with pytest.raises(MienError, match="write first:SECONDS"):
        Stretch.parse(text)


def test_columns_that_are_not_there(track) -> None:
    table = track(TIMES, happiness=[0.5] * 40)
    with pytest.raises(MienError, match="no column 'condition'"):
        against_baseline(table, Stretch.parse("condition=rest"))
    with pytest.raises(MienError, match="--baseline-by subject"):
        against_baseline(table, Stretch(seconds=1), by="subject")
    with pytest.raises(MienError, match="by ratio"):
        against_baseline(table, Stretch(seconds=1), how="ratio")
