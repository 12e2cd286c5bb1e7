"""Scores by group: against plain counting, the test against planted and absent gaps, and files with errors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.groups import UNKNOWN, by_group, groups_known, read_groups
from mien.evaluate.predictions import Predictions


@pytest.fixture
def predictions(noisy) -> Predictions:
    found: Predictions = noisy("a", 2.0, n=900)
    return replace(found, rows=np.arange(900))


def wrong_for(predictions: Predictions, rows: np.ndarray) -> Predictions:
    """The same, but these rows are answered wrong."""
    probabilities = predictions.probabilities.copy()
    for i in rows:
        p = np.full(8, 0.05, np.float32)
        p[(predictions.targets[i] + 1) % 7], p[7] = 0.7, np.nan
        probabilities[i] = p
    return replace(predictions, probabilities=probabilities)


def test_each_group_is_scored_by_its_own_rows(predictions: Predictions) -> None:
    group = np.array(["old", "young", "young"])[np.arange(900) % 3]
    old, young = sorted(by_group(predictions, {"age": group}).attributes[0].groups, key=lambda g: g.value)
    said = np.nan_to_num(predictions.probabilities).argmax(axis=1)
    assert (old.n, young.n) == (300, 600)
    for one in (old, young):
        mine = group == one.value
        assert one.top1 == pytest.approx(100 * (said == predictions.targets)[mine].mean())
        assert one.top1_ci95[0] < one.top1 < one.top1_ci95[1]
        assert one.confidence == pytest.approx(100 * np.nanmax(predictions.probabilities[mine], axis=1).mean(), 1e-4)
        sad = mine & (predictions.targets == 4)
        assert one.by_class["sadness"]["n"] == sad.sum()
        assert one.by_class["sadness"]["missed"] == pytest.approx(100 * (said[sad] != 4).mean())
        others = mine & (predictions.targets != 4)
        assert one.by_class["sadness"]["false_alarms"] == pytest.approx(100 * (said[others] == 4).mean())


def test_a_planted_gap_is_found(predictions: Predictions) -> None:
    group = np.where(np.arange(900) % 2, "b", "a")
    worse = wrong_for(predictions, np.flatnonzero(group == "b")[::4])
    gap = by_group(worse, {"g": group}).attributes[0].gap
    assert gap is not None
    assert (gap.highest, gap.lowest) == ("a", "b")
    assert gap.ci95[0] < gap.points < gap.ci95[1]
    assert gap.ci95[0] > 0
    assert gap.p < 0.005


def test_p_is_uniform_where_there_is_no_gap(predictions: Predictions) -> None:
    random = np.random.default_rng(0)
    p = []
    for seed in range(120):
        group = random.choice(["a", "b", "c"], 900)
        gap = by_group(predictions, {"g": group}, permutations=200, seed=seed).attributes[0].gap
        assert gap is not None
        p.append(gap.p)
    assert 0.35 < np.mean(p) < 0.65
    assert np.mean(np.array(p) < 0.1) < 0.2


def test_a_gap_that_the_mix_of_classes_makes_is_no_finding(predictions: Predictions) -> None:
    hard = predictions.targets < 2  # all of these wrong, none of the others changed
    worse = wrong_for(predictions, np.flatnonzero(hard))
    random = np.random.default_rng(1)
    group = np.where(random.random(900) < np.where(hard, 0.8, 0.2), "a", "b")
    gap = by_group(worse, {"g": group}).attributes[0].gap
    assert gap is not None
    assert gap.points > 20
    assert gap.p > 0.01


def test_small_and_unknown_groups_are_shown_but_not_compared(predictions: Predictions) -> None:
    group = np.array(["a"] * 500 + ["b"] * 370 + ["tiny"] * 10 + [UNKNOWN] * 20)
    found = by_group(wrong_for(predictions, np.arange(870, 900)), {"g": group}).attributes[0]
    assert [one.value for one in found.groups] == ["a", "b", "tiny", UNKNOWN]
    assert found.gap is not None
    assert {found.gap.highest, found.gap.lowest} == {"a", "b"}
    assert "tiny (10)" in found.notes[0]
    assert "20 faces" in found.notes[1]
    tiny = found.groups[2]
    assert tiny.by_class["anger"]["missed"] is None
    alone = by_group(predictions, {"g": np.array(["a"] * 900)}).attributes[0]
    assert alone.gap is None
    assert "No gap" in alone.notes[0]


def test_several_attributes_are_corrected_for(predictions: Predictions) -> None:
    group = np.where(np.arange(900) % 2, "b", "a")
    other = np.where(np.arange(900) % 3, "x", "y")
    found = by_group(predictions, {"g": group, "h": other, "lone": np.full(900, "z")}, permutations=200)
    gaps = [one.gap for one in found.attributes if one.gap]
    assert len(gaps) == 2
    assert min(gap.p_holm for gap in gaps) == pytest.approx(min(1, 2 * min(gap.p for gap in gaps)))
    assert json.loads(json.dumps(found.to_dict()))["attributes"][2]["gap"] is None


def test_a_file_is_read_by_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("age,row,sex\nold,3,f\n,0,m\n")
    found = read_groups(path, 5)
    assert found["age"].tolist() == [UNKNOWN, UNKNOWN, UNKNOWN, "old", UNKNOWN]
    assert found["sex"].tolist() == ["m", UNKNOWN, UNKNOWN, "f", UNKNOWN]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,age\n1,old\n", "line 1 has no column `row`"),
        ("row\n1\n", "line 1 has no column beside `row`"),
        ("row,age\n1,old\n5,old\n", "line 3: row '5' is none of 0..4"),
        ("row,age\n1,old\n-1,old\n", "line 3: row '-1'"),
        ("row,age\n1,old\n2,old\n1,young\n", "line 4: row 1 stands in line 2 already"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "groups.csv"
    path.write_text(text)
    with pytest.raises(MienError) as error:
        read_groups(path, 5)
    assert str(error.value).startswith(f"{path}: {told}")


def test_a_missing_or_binary_file_is_told(tmp_path: Path, predictions: Predictions) -> None:
    with pytest.raises(MienError, match="check --groups"):
        read_groups(tmp_path / "none.csv", 5)
    (tmp_path / "b.csv").write_bytes(b"row,age\n\xff\xfe\x00")
    with pytest.raises(MienError, match="not a CSV"):
        read_groups(tmp_path / "b.csv", 5)
    with pytest.raises(MienError, match="--groups"):
        by_group(predictions, {})
    with pytest.raises(ValueError, match="row 899"):
        by_group(predictions, {"g": np.full(10, "a")})


def test_the_sets_own_people_are_groups(faces) -> None:
    assert groups_known(faces) == {}
    subject = np.array(["", "p1", "p2"])[np.arange(60) % 3]
    found = groups_known(faces.replace(subject=subject))
    assert list(found) == ["subject"]
    assert found["subject"][:3].tolist() == [UNKNOWN, "p1", "p2"]
