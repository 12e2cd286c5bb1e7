"""Every rule judged on test rows; fitted ones fitted on validation rows alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.ensemble.ensemble_file import Ensemble, read_ensemble, write_ensemble
from mien.errors import MienError
from mien.evaluate.ensembling import FITTED, MEAN_MEMBER, PLAIN, EnsembleRow, ensembles, fit_ensemble
from mien.evaluate.evaluation import evaluate
from mien.evaluate.predictions import Predictions
from mien.evaluate.probabilities_file import save_probabilities
from mien.evaluate.scores import score

SIGNALS = {"good": 2.0, "fair": 1.5, "noise": 0.0}
Noisy = Callable[..., Predictions]


def members(noisy: Noisy, split: str = "PrivateTest", n: int = 1500) -> list[Predictions]:
    return [noisy(name, signal, seed, n, split) for seed, (name, signal) in enumerate(SIGNALS.items())]


def by_rule(rows: list[EnsembleRow]) -> dict[str, EnsembleRow]:
    return {row.rule if row.ensemble else row.members[0]: row for row in rows}


@pytest.fixture(scope="module")
def fitted(noisy: Noisy) -> dict[str, EnsembleRow]:
    costs = (1.0, 2.0, 5.0)
    return by_rule(ensembles(members(noisy), members(noisy, "PublicTest"), cost=costs, resamples=500))


def test_fitted_rules_beat_the_mean_where_one_member_guesses(fitted: dict[str, EnsembleRow]) -> None:
    assert list(fitted) == [*SIGNALS, *PLAIN, *FITTED]
    for rule in FITTED:
        assert fitted[rule].top1 > fitted["mean"].top1 + 3
        assert fitted[rule].nll < fitted["mean"].nll - 0.05
        assert fitted[rule].gain_ci95[0] > 0
    assert fitted["mean"].gain < 0
    assert fitted["mean"].gain_ci95[1] < 0


def test_scores_are_those_of_an_evaluation(noisy: Noisy, fitted: dict[str, EnsembleRow]) -> None:
    alone = score(members(noisy)[0])
    row = fitted["good"]
    for key in ("n", "top1", "top1_ci95", "macro_f1", "ece", "nll"):
        assert getattr(row, key) == getattr(alone, key)
    summed = sum(np.nan_to_num(one.probabilities) for one in members(noisy)).argmax(axis=1)
    assert fitted["mean"].top1 == pytest.approx(100 * (summed == members(noisy)[0].targets).mean())


def test_a_gain_is_over_the_best_member_on_validation(noisy: Noisy, fitted: dict[str, EnsembleRow]) -> None:
    assert {row.reference for row in fitted.values()} == {"good"}
    assert (fitted["good"].gain, fitted["good"].gain_ci95) == (0, [0, 0])
    for row in fitted.values():
        assert row.gain == pytest.approx(row.top1 - fitted["good"].top1)
    # on other validation rows another member is best, and the test rows do not matter
    small = members(noisy, "PublicTest", 200)
    swapped = [replace(one, model=name) for one, name in zip(small, "abc", strict=True)]
    swapped[0], swapped[1] = swapped[1], swapped[0]
    assert ensembles(members(noisy), swapped, resamples=10)[0].reference == "fair"


def test_without_validation_gains_are_over_the_mean_member(noisy: Noisy) -> None:
    rows = by_rule(ensembles(members(noisy), resamples=200))
    assert list(rows) == [*SIGNALS, *PLAIN]
    assert rows["mean"].reference == MEAN_MEMBER
    assert rows["vote"].gain == pytest.approx(rows["vote"].top1 - np.mean([rows[name].top1 for name in SIGNALS]))
    assert sum(rows[name].gain for name in SIGNALS) == pytest.approx(0)


def test_what_is_not_run_costs_nothing(fitted: dict[str, EnsembleRow]) -> None:
    assert [fitted[name].ms for name in SIGNALS] == [1, 2, 5]
    assert [fitted[rule].ms for rule in (*PLAIN, "stacking")] == [8, 8, 8, 8]
    for rule in ("weighted", "greedy"):
        assert fitted[rule].weights[2] == 0
        assert fitted[rule].ms == 3
        assert fitted[rule].gain_per_ms == pytest.approx(fitted[rule].gain / 2)
        assert "noise" not in fitted[rule].in_words
    assert fitted["good"].gain_per_ms is None
    assert sum(fitted["greedy"].weights) == int(sum(fitted["greedy"].weights))


def test_an_unknown_cost_makes_the_sums_it_is_in_unknown(noisy: Noisy) -> None:
    test, validation = members(noisy, n=50), members(noisy, "PublicTest", 200)
    rows = by_rule(ensembles(test, validation, cost=(1.0, 2.0, None), resamples=10))
    assert (rows["mean"].ms, rows["noise"].ms, rows["weighted"].ms) == (None, None, 3)
    assert by_rule(ensembles(members(noisy), resamples=10))["mean"].ms is None
    with pytest.raises(ValueError, match="2 costs for 3"):
        ensembles(members(noisy), cost=(1.0, 2.0))


@pytest.mark.parametrize("rule", FITTED)
def test_a_fitted_ensemble_is_written_and_is_a_model(rule: str, noisy: Noisy, tmp_path: Path) -> None:
    test, validation = members(noisy, n=300), members(noisy, "PublicTest", 200)
    for a, b in zip(test, validation, strict=True):
        save_probabilities(tmp_path / f"{a.model}.npz", a)
        save_probabilities(tmp_path / f"{b.model}-val.npz", b)
    files = [f"{name}.npz" for name in SIGNALS]
    rows = by_rule(ensembles(test, validation, members=files, resamples=10))
    write_ensemble(tmp_path / "e.toml", rows[rule].ensemble)
    scores = evaluate(tmp_path / "e.toml")
    assert (scores.top1, scores.nll) == pytest.approx((rows[rule].top1, rows[rule].nll))
    assert "Fitted on PublicTest (200 rows)." in scores.notes[0]
    assert "too good" not in scores.notes[0]
    on_validation = replace(read_ensemble(tmp_path / "e.toml"), members=tuple(f"{n}-val.npz" for n in SIGNALS))
    write_ensemble(tmp_path / "v.toml", on_validation)
    assert "the score is too good" in evaluate(tmp_path / "v.toml").notes[0]


def test_stacking_is_not_used_on_other_classes(noisy: Noisy, tmp_path: Path) -> None:
    found = fit_ensemble("stacking", members(noisy, "PublicTest", 200))
    assert found.stacking is not None
    other = replace(found.stacking, classes=("a", *found.stacking.classes[1:]))
    for one in members(noisy):
        save_probabilities(tmp_path / f"{one.model}.npz", one)
    ensemble = Ensemble("e", "stacking", tuple(f"{name}.npz" for name in SIGNALS), stacking=other)
    write_ensemble(tmp_path / "e.toml", ensemble)
    with pytest.raises(MienError, match=r"fitted to a, .* judged on anger"):
        evaluate(tmp_path / "e.toml")


@pytest.mark.parametrize("rule", FITTED)
def test_nothing_is_fitted_on_a_test_split(rule: str, noisy: Noisy) -> None:
    with pytest.raises(MienError, match="not fitted on PrivateTest, a test split"):
        fit_ensemble(rule, members(noisy))
    with pytest.raises(MienError, match="not fitted on PrivateTest"):
        ensembles(members(noisy, "PublicTest", 50), members(noisy, n=50))


def test_validation_that_does_not_go_with_the_test_rows_is_refused(noisy: Noisy) -> None:
    test, validation = members(noisy, n=50), members(noisy, "PublicTest", 50)

    def change(**changes: object) -> list[Predictions]:
        return [replace(one, **changes) for one in validation]

    for given, told in (
        (validation[:2], "2 members on validation, 3 on the test rows"),
        (validation[::-1], "member 1 is noise, that of the test rows good; give both in the same order"),
        (change(labels="ferplus"), "other labels or emotions"),
        (change(emotions=np.arange(8) < 6, targets=validation[0].targets % 6), "other labels or emotions"),
        (change(rows=test[0].rows + 45), "shares 5 rows with the test rows"),
        ([validation[0], *change(rows=validation[0].rows + 1)[1:]], "validation: fair is of other rows than good"),
    ):
        with pytest.raises(MienError, match=told):
            ensembles(test, given, resamples=10)
    with pytest.raises(MienError, match="at least two members"):
        ensembles(test[:1])
    with pytest.raises(MienError, match="no rule that is fitted"):
        fit_ensemble("mean", validation)
    # the same row numbers of another data set are other rows
    assert ensembles(test, change(rows=test[0].rows, data_sha256="b" * 64), resamples=10)


def test_rows_are_json(fitted: dict[str, EnsembleRow]) -> None:
    documents = [row.to_dict() for row in fitted.values()]
    assert json.loads(json.dumps(documents)) == documents
    assert "ensemble" not in documents[0]
