"""From one set to another: differences over the units that both have."""

from __future__ import annotations

import numpy as np
import pytest

from mien.evaluate.units.drop import drop
from mien.evaluate.units.heads import evaluate_heads


def test_a_model_that_fits_its_own_data_falls_elsewhere(faces, knowing, elsewhere) -> None:
    first = evaluate_heads(knowing, faces, fit_on="validation")
    fitted = {"thresholds": first.fitted, "thresholds_from": "here"}
    second = evaluate_heads(elsewhere[1], elsewhere[0], "all", **fitted)
    found = drop(first, second)
    assert set(found) == {"units", "strength", "affect", "emotion"}
    one, other = first.heads["units"], second.heads["units"]
    assert set(found["units"]["units"]) == {"AU12", "AU01", "AU06"}  # nobody shows AU20
    for u, unit in enumerate(("AU12", "AU01", "AU06")):
        assert found["units"]["units"][unit]["f1"] == pytest.approx(one.scores.f1[u] - other.scores.f1[u], rel=1e-4)
        low, high = found["units"]["units"][unit]["f1_ci95"]
        assert low < found["units"]["units"][unit]["f1"] < high
    low, high = found["units"]["mean"]["f1_ci95"]
    assert 0 < low < found["units"]["mean"]["f1"] < high
    wide = max(np.ptp(each["f1_ci95"]) for each in found["units"]["units"].values())
    assert high - low < wide
    assert found["units"]["mean"]["roc_auc"] > 0
    assert found["affect"]["mean"]["ccc"] == pytest.approx(
        first.heads["affect"].mean_ccc - second.heads["affect"].mean_ccc, rel=1e-4
    )
    assert found["emotion"]["top1"] == pytest.approx(
        first.emotions["emotion"].top1 - second.emotions["emotion"].top1, rel=1e-4
    )


def test_errors_that_grow_count_as_worse(faces, knowing, elsewhere) -> None:
    found = drop(evaluate_heads(knowing, faces), evaluate_heads(elsewhere[1], elsewhere[0]))
    first, second = (evaluate_heads(m, f).heads["affect"] for m, f in ((knowing, faces), elsewhere[::-1]))
    for name in ("valence", "arousal"):
        grown = second.each[name]["rmse"] - first.each[name]["rmse"]
        assert grown > 0
        assert found["affect"][name]["rmse"] == pytest.approx(grown, rel=1e-4)


def test_only_units_that_both_code_count(faces, knowing, elsewhere) -> None:
    other, model = elsewhere
    shown = other.targets["action_units"].copy()
    shown[:, 0] = np.nan
    first = evaluate_heads(knowing, faces)
    second = evaluate_heads(model, other.replace(targets={"action_units": shown}))
    found = drop(first, second)
    assert set(found) == {"units"}
    each = found["units"]["units"]
    assert set(each) == {"AU12", "AU06"}
    assert found["units"]["mean"]["f1"] == pytest.approx(np.mean([one["f1"] for one in each.values()]), rel=1e-4)


def test_the_same_set_twice_falls_by_nothing_with_an_interval_round_it(faces, knowing) -> None:
    one = evaluate_heads(knowing, faces)
    found = drop(one, one)
    assert found["units"]["mean"]["f1"] == 0
    low, high = found["units"]["mean"]["f1_ci95"]
    assert low < 0 < high  # draws of the two sides are no pairs


def test_nothing_in_common_is_nothing(faces, knowing) -> None:
    one = evaluate_heads(knowing, faces, heads=["units"])
    assert drop(one, evaluate_heads(knowing, faces, heads=["affect"])) == {}
    without = faces.targets["action_units"].copy()
    without[:, :3] = np.nan
    assert drop(one, evaluate_heads(knowing, faces.replace(targets={"action_units": without}))) == {}
