"""Thresholds come from validation rows and no others."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mien.errors import MienError
from mien.evaluate.units.heads import evaluate_heads
from mien.evaluate.units.thresholds import (
    fitted_thresholds,
    outputs_to_fit,
    stored_thresholds,
    with_thresholds,
)

STORED = {"units": {"temperature": 1.0, "thresholds": {"AU06": 0.11, "AU25": 0.3}}}


def by_trying(faces, knowing, rows, unit: str) -> float:
    """The highest of the scores at which scikit-learn's F1 is highest."""
    true = faces.targets["action_units"][rows, faces.action_units.index(unit)]
    logit = knowing.table[rows, 7 + knowing.spec.head("units").labels.index(unit)].astype(float)
    known = ~np.isnan(true)
    true, p = true[known], 1 / (1 + np.exp(-logit[known]))
    f1 = {float(t): f1_score(true, p >= t) for t in np.unique(p)}
    return max(t for t, value in f1.items() if value == pytest.approx(max(f1.values()), abs=1e-12))


def test_they_are_the_best_of_the_validation_rows(faces, knowing) -> None:
    head = knowing.spec.head("units")
    held = outputs_to_fit("m", knowing, faces, "validation", [head], judged="Test")
    assert held.split == "Validation"
    assert sorted(knowing.asked) == held.rows.tolist()
    assert set(knowing.asked) <= set(range(120, 180))  # no other face is even looked at
    found = fitted_thresholds(held, head)
    assert list(found) == ["AU12", "AU01", "AU06", "AU20"]
    for unit in ("AU12", "AU01", "AU06"):
        assert found[unit] == pytest.approx(by_trying(faces, knowing, slice(120, 180), unit), abs=1e-6)
    assert found["AU20"] == 0.5  # nobody shows it


def test_labels_of_the_judged_split_change_no_threshold(faces, knowing) -> None:
    def fitted(rows: slice) -> dict[str, float]:
        shown = faces.targets["action_units"].copy()
        shown[rows, :3] = 1 - shown[rows, :3]
        turned = faces.replace(targets={**faces.targets, "action_units": shown})
        found = evaluate_heads(knowing, turned, "Test", heads=["units"], fit_on="Validation")
        return dict(found.heads["units"].thresholds)

    before = fitted(slice(0))
    assert fitted(slice(180, 240)) == before
    assert fitted(slice(0, 120)) == before
    assert fitted(slice(120, 180)) != before


@pytest.mark.parametrize(
    ("split", "judged", "words"),
    [
        ("Test", None, "--fit-on Test: a test split fits nothing"),
        ("test", "Validation", "--fit-on Test: a test split fits nothing"),
        ("Validation", "Validation", "the same faces are judged, which flatters them"),
        ("validation", "all", "the same faces are judged, which flatters them"),
        ("all", "Test", "the same faces are judged, which flatters them"),
        ("all", None, r"all \(it holds Test\) is there to report on"),
        ("Training", "Test", "may have learnt Training"),
        ("nosuch", "Test", "no split 'nosuch'"),
    ],
)
def test_splits_that_fit_nothing_are_refused(faces, knowing, split: str, judged: str | None, words: str) -> None:
    with pytest.raises(MienError, match=words):
        outputs_to_fit("m", knowing, faces, split, [knowing.spec.head("units")], judged=judged)
    assert knowing.asked == []


def test_another_sets_training_rows_will_do(faces, knowing) -> None:
    model = knowing.with_(training={"data_sha256": "0" * 64})
    assert outputs_to_fit("m", model, faces, "Training", [model.spec.head("units")], judged="Test").split == "Training"


def test_they_are_kept_beside_what_was_stored(faces, knowing) -> None:
    model = knowing.with_(calibration=STORED)
    head = model.spec.head("units")
    assert stored_thresholds(model.spec, head) == {"AU06": 0.11, "AU25": 0.3}
    assert stored_thresholds(knowing.spec, head) == {}
    spec, told = with_thresholds(model, "m", faces, head)
    kept = stored_thresholds(spec, head)
    assert kept == {"AU25": 0.3, **told["thresholds"]}  # AU25 is not coded here
    assert kept["AU06"] != 0.11
    assert spec.calibration["units"]["temperature"] == 1.0
    assert spec.calibration["units"]["thresholds_fitted_on"] == {
        "data": "here", "data_sha256": faces.digest(), "split": "Validation", "n": told["n"],
    }  # fmt: skip
    assert model.spec.calibration == STORED
    spec.check()
    for unit, one in told["units"].items():
        assert one["threshold"] == kept[unit]
        assert unit == "AU20" or one["f1"] >= one["f1_at_half"]
    assert told["mean_f1"] > told["mean_f1_at_half"]


def test_excluded_rows_fit_nothing(faces, knowing) -> None:
    head = knowing.spec.head("units")
    excluded = np.isin(np.arange(240), range(120, 150))
    spec, told = with_thresholds(knowing, "m", faces, head, excluded=excluded)
    assert set(knowing.asked) <= set(range(150, 180))
    found = stored_thresholds(spec, head)["AU01"]
    assert found == pytest.approx(by_trying(faces, knowing, slice(150, 180), "AU01"), abs=1e-6)
    assert told["n"] == len(knowing.asked)


def test_a_head_without_units_is_refused(faces, knowing) -> None:
    with pytest.raises(MienError, match="head 'affect' says valence_arousal; thresholds are for action_units"):
        with_thresholds(knowing, "m", faces, knowing.spec.head("affect"))
