"""Units' scores against scikit-learn, unit by unit, on imbalanced data with unknowns and a unit that nobody shows."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics

from mien.errors import MienError
from mien.evaluate.comparison import rounded
from mien.evaluate.units.occurrence import score_units
from mien.evaluate.units.people import drawn_by

CUTS = {"AU01": 0.4, "AU06": 0.35, "AU12": 0.2}


@pytest.fixture
def scored(outputs, knowing):
    def of(cuts=CUTS, where="Validation", **how):
        return score_units(outputs(), knowing.spec.head("units"), cuts, where, **how)

    return of


def test_each_unit_is_as_sklearn_has_it(faces, knowing, scored) -> None:
    found = scored()
    assert found.units == ("AU12", "AU01", "AU06", "AU20")
    assert found.not_coded == ("AU25",)
    rows = np.arange(180, 240)
    f1s = []
    for u, unit in enumerate(found.units):
        true = faces.targets["action_units"][rows, faces.action_units.index(unit)]
        logit = knowing.table[rows, 7 + knowing.spec.head("units").labels.index(unit)].astype(float)
        known = ~np.isnan(true)
        true, p = true[known].astype(int), 1 / (1 + np.exp(-logit[known]))
        said = p >= CUTS.get(unit, 0.5)
        assert (found.scores.n[u], found.scores.positive[u]) == (len(true), true.sum())
        np.testing.assert_array_equal(found.confusions[u], metrics.confusion_matrix(true, said, labels=[0, 1]))
        assert found.scores.accuracy[u] == pytest.approx(100 * metrics.accuracy_score(true, said))
        if not true.any():
            assert np.isnan([found.scores.f1[u], found.scores.recall[u], found.scores.roc_auc[u]]).all()
            continue
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            true, said, average="binary", zero_division=0
        )
        ours = [found.scores.precision[u], found.scores.recall[u], found.scores.f1[u]]
        assert ours == pytest.approx([100 * precision, 100 * recall, 100 * f1])
        assert found.scores.roc_auc[u] == pytest.approx(metrics.roc_auc_score(true, p))
        assert found.scores.average_precision[u] == pytest.approx(metrics.average_precision_score(true, p))
        f1s.append(100 * f1)
        low, high = found.f1_ci95[u]
        assert low <= 100 * f1 <= high
    assert found.scores.macro("f1") == pytest.approx(np.mean(f1s))
    assert found.mean_f1_ci95[0] < np.mean(f1s) < found.mean_f1_ci95[1]


def test_thresholds_decide_and_those_not_given_are_a_half(scored) -> None:
    found, half = scored(), scored({})
    assert found.thresholds == {**CUTS, "AU20": 0.5}
    assert set(half.thresholds.values()) == {0.5}
    assert found.mean_f1_at_half == pytest.approx(half.scores.macro("f1"))
    assert found.scores.macro("f1") != pytest.approx(half.scores.macro("f1"))
    assert found.called.sum() > half.called.sum()
    np.testing.assert_allclose(found.scores.roc_auc, half.scores.roc_auc)


def test_people_are_drawn_whole(faces, outputs, knowing, scored) -> None:
    people = scored(drawn=drawn_by(outputs().faces, "subject"))
    alone = scored()
    assert (people.over, alone.over) == ("6 people", "faces")
    assert people.scores.f1[1] == alone.scores.f1[1]
    assert people.mean_f1_ci95 != alone.mean_f1_ci95


def test_the_mean_over_the_sets_common_units(faces, outputs, knowing) -> None:
    disfa = faces.replace(name="disfa")
    found = score_units(outputs(data=disfa), knowing.spec.head("units"), CUTS, "Validation")
    assert found.protocol is not None
    assert set(found.protocol["missing"]) == {"AU02", "AU04", "AU09", "AU25", "AU26"}
    assert found.protocol["mean_f1"] == pytest.approx(found.scores.f1[[1, 2, 0]].mean())
    assert score_units(outputs(), knowing.spec.head("units"), CUTS, "").protocol is None


def test_the_document_is_json_with_null_for_what_is_not_defined(scored) -> None:
    told = json.loads(json.dumps(rounded(scored().to_dict()), allow_nan=False))
    assert told["units"]["AU20"]["f1"] is None
    assert told["units"]["AU20"]["f1_ci95"] == [None, None]
    assert told["units"]["AU12"]["threshold"] == 0.2
    assert told["thresholds_from"] == "Validation"
    assert told["between"]["labels"] == ["AU12", "AU01", "AU06", "AU20", "none"]
    assert np.shape(told["between"]["counts"]) == (5, 5)
    assert sum(np.ravel(told["units"]["AU06"]["confusion"])) == told["units"]["AU06"]["n"]


def test_seeds_repeat(scored) -> None:
    assert scored(seed=3).mean_f1_ci95 == scored(seed=3).mean_f1_ci95
    assert scored(seed=3).mean_f1_ci95 != scored(seed=4).mean_f1_ci95


def test_nothing_in_common_is_told(faces, outputs, knowing) -> None:
    other = faces.replace(action_units=("AU02", "AU04", "AU05", "AU09"))
    found = outputs(data=other, heads=knowing.spec.heads[3:])
    with pytest.raises(MienError, match="no unit of units is coded"):
        score_units(found, knowing.spec.head("units"), {}, "0.5")
