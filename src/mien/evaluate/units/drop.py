"""How far scores fall from one data set to another: what fits its own data and fails elsewhere shows here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mien.evaluate.affect import AffectScores
from mien.evaluate.comparison import rounded
from mien.evaluate.units.evaluation import HeadsEvaluation, Scores
from mien.evaluate.units.intensities import IntensityScores
from mien.evaluate.units.occurrence import UnitScores
from mien.evaluate.units.outputs import Floats
from mien.score.f1 import mean_of_present
from mien.score.resampling import interval


def drop(first: HeadsEvaluation, second: HeadsEvaluation) -> dict[str, Any]:
    """Head -> scores on the first set less those on the second, so that more than 0 is worse there; as JSON has it.

    Of units only those count that both sets code and that faces of both show, so that the means are of the same
    units. `ci95` takes the two sets' bootstrap draws as independent. A fall in F1 at thresholds fitted elsewhere can
    be a shift of the probabilities alone; `roc_auc` and `average_precision` know no threshold, the latter grows with
    how common a unit is.
    """
    found: dict[str, Any] = {}
    for name, one in first.heads.items():
        other = second.heads.get(name)
        if other is None:
            continue
        told = _units(one, other) if not isinstance(one, AffectScores) else _affect(one, other)
        if told:
            found[name] = told
    for name, scores in first.emotions.items():
        if (elsewhere := second.emotions.get(name)) is not None:
            found[name] = {key: scores[key] - elsewhere[key] for key in ("top1", "macro_f1", "balanced_accuracy")}
    out: dict[str, Any] = rounded(found)
    return out


def _units(one: Scores, other: Scores) -> dict[str, Any]:
    assert isinstance(one, UnitScores | IntensityScores)
    assert isinstance(other, UnitScores | IntensityScores)
    main = "f1" if isinstance(one, UnitScores) else "icc"
    names = [main, "roc_auc", "average_precision"] if main == "f1" else [main, "mae"]
    shared = [unit for unit in one.units if unit in other.units]
    shared = [unit for unit in shared if np.isfinite([_value(one, main, unit), _value(other, main, unit)]).all()]
    if not shared:
        return {}
    each: dict[str, dict[str, Any]] = {
        unit: {name: _sign(name) * (_value(one, name, unit) - _value(other, name, unit)) for name in names}
        for unit in shared
    }
    means = {
        name: float(mean_of_present(np.array([each[unit][name] for unit in shared], np.float64))) for name in names
    }
    mine, theirs = ([side.units.index(unit) for unit in shared] for side in (one, other))
    for unit, i, j in zip(shared, mine, theirs, strict=True):
        each[unit][f"{main}_ci95"] = list(interval(_apart([i], [j], one, other)))
    apart = _apart(mine, theirs, one, other)
    return {"mean": means | {f"{main}_ci95": list(interval(apart))}, "units": each}


def _affect(one: AffectScores, other: Scores) -> dict[str, Any]:
    assert isinstance(other, AffectScores)
    shared = [name for name in one.names if name in other.names]
    if not shared:
        return {}
    each: dict[str, dict[str, Any]] = {
        name: {key: _sign(key) * (one.each[name][key] - other.each[name][key]) for key in ("ccc", "pearson", "rmse")}
        for name in shared
    }
    mine, theirs = ([side.names.index(name) for name in shared] for side in (one, other))
    for name, i, j in zip(shared, mine, theirs, strict=True):
        each[name]["ccc_ci95"] = list(interval(_apart([i], [j], one, other)))
    apart = _apart(mine, theirs, one, other)
    mean = float(np.mean([each[name]["ccc"] for name in shared]))
    return {"mean": {"ccc": mean, "ccc_ci95": list(interval(apart))}, **each}


def _apart(mine: Sequence[int], theirs: Sequence[int], one: Scores, other: Scores) -> Floats:
    """(resamples,) difference of the means over the same columns; one side shuffled, since the draws are no pairs."""
    mean: Callable[[Floats], Floats] = mean_of_present
    shuffled = np.random.default_rng(0).permutation(mean(other.draws[:, list(theirs)]))
    return np.asarray(mean(one.draws[:, list(mine)]) - shuffled)


def _value(scores: UnitScores | IntensityScores, name: str, unit: str) -> float:
    return float(getattr(scores.scores, name)[scores.units.index(unit)])


def _sign(name: str) -> float:
    """Errors grow where scores fall."""
    return -1.0 if name in ("mae", "rmse") else 1.0
