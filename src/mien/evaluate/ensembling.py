"""Every way to combine some models, fitted on validation rows and judged on test rows, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.splits import is_test
from mien.ensemble.ensemble_file import STACKING, Ensemble
from mien.ensemble.greedy import fit_greedy
from mien.ensemble.stacking import fit_stacking
from mien.ensemble.weights_fit import fit_weights
from mien.errors import MienError
from mien.evaluate.comparison import rounded
from mien.evaluate.ensemble_model import check_members, combined
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.evaluate.results import short_name
from mien.evaluate.shared_rows import distinct
from mien.score.accuracy import top_k
from mien.score.calibration import expected_calibration_error, negative_log_likelihood
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.intervals import RESAMPLES, bootstrap_share
from mien.score.paired import interval_of, paired_bootstrap

SINGLE = "single"
PLAIN = ("mean", "max", "vote")
FITTED = ("weighted", "greedy", STACKING)
MEAN_MEMBER = "the mean of the members"


@dataclass(frozen=True, slots=True)
class EnsembleRow:
    """One way to combine the members, or one member alone, on the test rows.

    Attributes:
        rule: `single`, or what an ensemble's file calls it.
        members: the models, as given; weights: one a member, or empty where the rule has none.
        n: rows.
        top1, macro_f1, ece: percentages; nll: nats.
        gain: points of top-1 over `reference`, with its interval by paired bootstrap.
        reference: the member with the best top-1 on validation, or MEAN_MEMBER without validation.
        ms: milliseconds a face of the members that must be run, those of weight 0 left out; None where unknown.
        gain_per_ms: gain over what it takes longer than `reference`; None where it takes no longer.
        ensemble: as a file would hold it, see `write_ensemble`; None for a single one. Not part of `to_dict`.
    """

    rule: str
    members: list[str]
    weights: list[float]
    n: int
    top1: float
    top1_ci95: list[float]
    macro_f1: float
    ece: float
    nll: float
    gain: float
    gain_ci95: list[float]
    reference: str
    ms: float | None
    gain_per_ms: float | None
    ensemble: Ensemble | None = field(repr=False, compare=False)

    @property
    def in_words(self) -> str:
        """Which members, short."""
        names = distinct([short_name(member) for member in self.members])
        if not self.weights:
            return names[0] if self.rule == SINGLE else f"all {len(names)}"
        kept = [(weight, name) for weight, name in zip(self.weights, names, strict=True) if weight > 0]
        return ", ".join(f"{name} {weight:.3g}" for weight, name in kept)

    def to_dict(self) -> dict[str, Any]:
        """For JSON; numbers keep six digits."""
        found: dict[str, Any] = rounded({f.name: getattr(self, f.name) for f in fields(self) if f.name != "ensemble"})
        return found


def fit_ensemble(
    rule: str, validation: Sequence[Predictions], *, members: Sequence[str] = (), seed: int = 0
) -> Ensemble:
    """Fit weights or coefficients to validation rows.

    Args:
        rule: one of FITTED.
        validation: two or more models' predictions of the same rows.
        members: what the ensemble's file is to call them; () takes the predictions' own names.
        seed: of stacking's folds.

    Raises:
        MienError: an unknown rule, a test split, fewer than two members, members that do not agree.
    """
    if rule not in FITTED:
        raise MienError(f"{rule}: no rule that is fitted; choose from {', '.join(FITTED)}")
    named = _named(validation, members)
    first = validation[0]
    if is_test(first.split):
        raise MienError(
            f"{rule}: weights are not fitted on {first.split}, a test split; give predictions of a validation split"
        )
    check_members(rule, named, validation)
    probabilities, targets, classes = _arrays(validation)
    facts = {"split": first.split, "n": len(first), "data_sha256": first.data_sha256, "labels": first.labels}
    if rule == STACKING:
        stacking = fit_stacking(probabilities, targets, classes, seed=seed)
        return Ensemble(rule, rule, named, stacking=stacking, fitted_on=facts)
    weights = fit_weights(probabilities, targets) if rule == "weighted" else fit_greedy(probabilities, targets)
    return Ensemble(rule, rule, named, tuple(weights.tolist()), fitted_on=facts)


def ensembles(
    test: Sequence[Predictions],
    validation: Sequence[Predictions] | None = None,
    *,
    members: Sequence[str] = (),
    cost: Sequence[float | None] = (),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[EnsembleRow]:
    """Judge every member and every rule on the test rows; FITTED rules only where validation is given.

    To pick one of the rules by these scores would be to choose on the test split: settle on a rule before.

    Args:
        test: two or more models' predictions of the same rows.
        validation: the same models in the same order on other rows, of a split that is no test split.
        members: what an ensemble's file is to call them; () takes the predictions' own names.
        cost: milliseconds a face of each, see `cost.milliseconds_per_face`; None where unknown, () for all.
        resamples, seed: of the bootstraps; the seed also cuts stacking's folds.

    Raises:
        MienError: members that do not agree, or validation that is a test split, has other emotions, shares rows
            with the test, or lists the members in another order.
        ValueError: as many costs as members are needed.
    """
    named = _named(test, members)
    check_members("ensemble", named, test)
    found = [Ensemble(rule, rule, named) for rule in PLAIN]
    best = None
    if validation is not None:
        _check_validation(named, test, validation)
        found += [fit_ensemble(rule, validation, members=named, seed=seed) for rule in FITTED]
        best = _best(validation)
    answers = [*test, *(combined(ensemble, test, ensemble.name) for ensemble in found)]
    probabilities, targets, classes = _arrays(answers)
    said = probabilities.argmax(axis=2)
    draws = paired_bootstrap(targets, said, len(classes), resamples=resamples, seed=seed).top1
    tops = np.array([top_k(targets, one) for one in probabilities])
    alone = slice(0, len(test)) if best is None else slice(best, best + 1)
    gains, drawn = tops - tops[alone].mean(), draws - draws[:, alone].mean(axis=1, keepdims=True)
    times = _times(cost, len(test), found)
    start = _mean(times[alone])
    out = []
    for i, one in enumerate(probabilities):
        ensemble = found[i - len(test)] if i >= len(test) else None
        out.append(
            EnsembleRow(
                rule=ensemble.combine if ensemble else SINGLE,
                members=list(named) if ensemble else [named[i]],
                weights=list(ensemble.weights) if ensemble else [],
                **_scores(targets, one, seed),
                gain=float(gains[i]),
                gain_ci95=list(interval_of(drawn[:, i])),
                reference=MEAN_MEMBER if best is None else named[best],
                ms=times[i],
                gain_per_ms=_rate(float(gains[i]), times[i], start),
                ensemble=ensemble,
            )
        )
    return out


def _scores(targets: NDArray[np.int64], probabilities: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """n, top1, top1_ci95, macro_f1, ece and nll, as `scores.score` has them."""
    said = probabilities.argmax(axis=1)
    return {
        "n": len(targets),
        "top1": top_k(targets, probabilities),
        "top1_ci95": bootstrap_share(said == targets, seed),
        "macro_f1": float(macro_f1(confusion_matrix(targets, said, probabilities.shape[1]))),
        "ece": expected_calibration_error(targets, probabilities),
        "nll": negative_log_likelihood(targets, probabilities),
    }


def _named(predictions: Sequence[Predictions], members: Sequence[str]) -> tuple[str, ...]:
    if len(predictions) < 2:
        raise MienError("an ensemble needs at least two members; name another MODEL")
    if members and len(members) != len(predictions):
        raise ValueError(f"{len(members)} names for {len(predictions)} members")
    return tuple(members) or tuple(one.model for one in predictions)


def _arrays(members: Sequence[Predictions]) -> tuple[NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]:
    """(m, n, k) probabilities, (n,) targets as positions in the k classes, and their names."""
    first = members[0]
    classes = np.flatnonzero(first.emotions)
    probabilities = np.stack([renormalised(member.probabilities, classes) for member in members])
    targets = np.searchsorted(classes, first.targets).astype(np.int64)
    return probabilities, targets, tuple(first.names[c] for c in classes)


def _check_validation(named: Sequence[str], test: Sequence[Predictions], validation: Sequence[Predictions]) -> None:
    if len(validation) != len(test):
        raise MienError(
            f"{len(validation)} members on validation, {len(test)} on the test rows; give the same models for both"
        )
    check_members("validation", [one.model for one in validation], validation)
    here, there = test[0], validation[0]
    if there.labels != here.labels or not np.array_equal(there.emotions, here.emotions) or there.names != here.names:
        raise MienError(
            f"validation is judged by other labels or emotions ({there.labels}) than the test rows ({here.labels});"
            " save both with the same --labels"
        )
    if there.data_sha256 == here.data_sha256 and (shared := np.intersect1d(there.rows, here.rows)).size:
        raise MienError(
            f"validation ({there.split}) shares {shared.size} rows with the test rows ({here.split}); give another"
            " split to fit on"
        )
    own = [one.model for one in test]
    for place, (name, one) in enumerate(zip(own, validation, strict=True)):
        if one.model != name and one.model in own:
            raise MienError(
                f"validation's member {place + 1} is {one.model}, that of the test rows {named[place]}; give both"
                " in the same order"
            )


def _best(validation: Sequence[Predictions]) -> int:
    """The member with the highest top-1, of equal ones that with the lower NLL."""
    probabilities, targets, _ = _arrays(validation)
    scores = [(-top_k(targets, one), negative_log_likelihood(targets, one)) for one in probabilities]
    return min(range(len(scores)), key=scores.__getitem__)


def _times(cost: Sequence[float | None], members: int, found: Sequence[Ensemble]) -> list[float | None]:
    """Milliseconds a face of each member, then of each ensemble."""
    if cost and len(cost) != members:
        raise ValueError(f"{len(cost)} costs for {members} members")
    alone = list(cost) or [None] * members
    out = list(alone)
    for ensemble in found:
        used = [ms for ms, run in zip(alone, ensemble.used, strict=True) if run]
        out.append(None if None in used else sum(ms for ms in used if ms is not None))
    return out


def _mean(times: Sequence[float | None]) -> float | None:
    known = [ms for ms in times if ms is not None]
    return sum(known) / len(known) if len(known) == len(times) else None


def _rate(gain: float, ms: float | None, start: float | None) -> float | None:
    return gain / (ms - start) if ms is not None and start is not None and ms > start else None
