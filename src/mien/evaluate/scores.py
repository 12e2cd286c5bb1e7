"""The scores of predictions, as INTERFACE's JSON has them."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mien
from mien.evaluate.branches import branch_report
from mien.evaluate.duplicates import EXACT, NEAR, NOWHERE
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS
from mien.score.accuracy import hits, top_k
from mien.score.balanced_accuracy import balanced_accuracy
from mien.score.calibration import brier, expected_calibration_error, negative_log_likelihood
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1, per_class
from mien.score.intervals import bootstrap_confusion, bootstrap_share
from mien.score.kappa import cohens_kappa
from mien.score.ranking import one_against_rest
from mien.score.soft import distributions, soft_scores


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of one model on one split; also read as `scores["top1"]`.

    Accuracies, F1 and `ece` are percentages; `nll` is in nats. Lists over classes follow `classes`.

    Attributes:
        top1_ci95, macro_f1_ci95: 95 % bootstrap percentile intervals, 2,000 resamples.
        per_class: name -> precision, recall, f1, n; None where a class has no rows.
        confusion: counts, row = true class, column = predicted class, both in the order of `classes`.
        deduplicated: n and top1 without the rows whose picture also stands in another split, and how many
            of those stand there exactly or nearly; None where the data set has a single split.
        tta: scores with test-time averaging beside the plain ones above, or None.
        top3, kappa: percent of rows with the class among the first three; Cohen's kappa of labels and answers, at
            most 1, with its bootstrap interval.
        ranking: areas under the ROC and the precision-recall curve, 0..1, of each class and their mean.
        soft: against the shares of annotators' votes, see `score.soft.SoftScores`; None without votes.
        trained_on: the label scheme of the model's head; `labels` is the one it was judged by.
        dropped: rows of the split that were not judged, by reason: `excluded` by --exclude, `no_label`
            (for FER+ also no majority), `not_in_model` (an emotion that the model does not have), and
            `made` where made pictures stand among real ones.
        notes: what a reader of the scores must know, in sentences.
        members: of an ensemble each model with its own top-1; else empty.
        branches: of a model whose branches vote, see `branch_report`; else None.
        predictions: what the scores were made from; not part of `to_dict`.
    """

    model: str
    data: str
    data_sha256: str
    split: str
    labels: str
    n: int
    top1: float
    top1_ci95: list[float]
    top2: float
    macro_f1: float
    balanced_accuracy: float
    ece: float
    nll: float
    per_class: dict[str, dict[str, float | int | None]]
    confusion: list[list[int]]
    deduplicated: dict[str, Any] | None
    tta: dict[str, Any] | None
    versions: dict[str, str]
    trained_on: str
    classes: list[str]
    macro_f1_ci95: list[float]
    brier: float
    top3: float
    kappa: float
    kappa_ci95: list[float]
    ranking: dict[str, Any]
    soft: dict[str, Any] | None
    dropped: dict[str, int]
    notes: list[str]
    members: list[dict[str, Any]]
    branches: dict[str, Any] | None
    predictions: Predictions = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The scores as JSON holds them; percentages keep four decimals."""
        return {key: _plain(getattr(self, key)) for key in self.__slots__ if key != "predictions"}

    def __getitem__(self, key: str) -> Any:
        if key not in self.keys():
            raise KeyError(key)
        return getattr(self, key)

    def keys(self) -> list[str]:
        """The names that `[...]` knows, so that `dict(scores)` works."""
        return [key for key in self.__slots__ if key != "predictions"]


def score(predictions: Predictions, seed: int = 0) -> Evaluation:
    """The scores of predictions."""
    classes = np.flatnonzero(predictions.emotions)
    names = [predictions.names[c] for c in classes]
    targets = np.searchsorted(classes, predictions.targets)
    probabilities = renormalised(predictions.probabilities, classes)
    right = hits(targets, probabilities)
    confusion = confusion_matrix(targets, probabilities.argmax(axis=1), len(classes))
    each = asdict(per_class(confusion))
    return Evaluation(
        model=predictions.model,
        data=predictions.data,
        data_sha256=predictions.data_sha256,
        split=predictions.split,
        labels=predictions.labels,
        n=len(predictions),
        top1=top_k(targets, probabilities),
        top1_ci95=bootstrap_share(right, seed),
        top2=top_k(targets, probabilities, 2),
        macro_f1=float(macro_f1(confusion)),
        balanced_accuracy=float(balanced_accuracy(confusion)),
        ece=expected_calibration_error(targets, probabilities),
        nll=negative_log_likelihood(targets, probabilities),
        per_class={name: {key: each[key][i].item() for key in each} for i, name in enumerate(names)},
        confusion=confusion.tolist(),
        deduplicated=_deduplicated(predictions, right, seed),
        tta=_averaged(predictions, targets, classes, seed),
        versions=versions(),
        trained_on=predictions.trained_on,
        classes=names,
        macro_f1_ci95=list(bootstrap_confusion(macro_f1, confusion, seed=seed)),
        brier=brier(targets, probabilities),
        top3=top_k(targets, probabilities, 3),
        kappa=float(cohens_kappa(confusion)),
        kappa_ci95=list(bootstrap_confusion(cohens_kappa, confusion, seed=seed)),
        ranking=_ranking(targets, probabilities, names),
        soft=_soft(predictions.votes, probabilities, classes),
        dropped=dict(predictions.dropped),
        notes=_notes(predictions, int(right.sum())),
        members=[],
        branches=branch_report(predictions.branches, targets, classes, right),
        predictions=predictions,
    )


def top1_of(predictions: Predictions) -> float:
    """Top-1 alone, as `score` has it."""
    classes = np.flatnonzero(predictions.emotions)
    return top_k(np.searchsorted(classes, predictions.targets), renormalised(predictions.probabilities, classes))


def _deduplicated(predictions: Predictions, right: NDArray[np.bool_], seed: int) -> dict[str, Any] | None:
    where = predictions.elsewhere
    if where is None:
        return None
    kept = right[where == NOWHERE]
    return {
        "n": len(kept),
        "top1": 100 * float(kept.mean()) if len(kept) else None,
        "top1_ci95": bootstrap_share(kept, seed) if len(kept) else None,
        "exact": int((where == EXACT).sum()),
        "near": int((where == NEAR).sum()),
    }


def _ranking(targets: NDArray[np.int64], probabilities: NDArray[np.float64], names: list[str]) -> dict[str, Any]:
    found = one_against_rest(targets, probabilities)
    return {
        "macro_roc_auc": found.macro_roc_auc,
        "macro_average_precision": found.macro_average_precision,
        "per_class": {
            name: {"roc_auc": float(area), "average_precision": float(precision)}
            for name, area, precision in zip(names, found.roc_auc, found.average_precision, strict=True)
        },
    }


def _soft(
    votes: NDArray[np.float32] | None, probabilities: NDArray[np.float64], classes: NDArray[np.int64]
) -> dict[str, Any] | None:
    """Over the emotions that are judged; rows without a vote for any of these are left out."""
    if votes is None:
        return None
    shares = np.nan_to_num(votes[:, classes].astype(np.float64))
    voted = shares.sum(axis=1) > 0
    return asdict(soft_scores(distributions(shares[voted]), probabilities[voted])) if voted.any() else None


def _averaged(
    predictions: Predictions, targets: NDArray[np.int64], classes: NDArray[np.int64], seed: int
) -> dict[str, Any] | None:
    if predictions.averaged is None:
        return None
    probabilities = renormalised(predictions.averaged, classes)
    right = hits(targets, probabilities)
    return {
        "name": predictions.tta,
        "top1": top_k(targets, probabilities),
        "top1_ci95": bootstrap_share(right, seed),
        "macro_f1": float(macro_f1(confusion_matrix(targets, probabilities.argmax(axis=1), len(classes)))),
        "ece": expected_calibration_error(targets, probabilities),
        "nll": negative_log_likelihood(targets, probabilities),
    }


def _notes(predictions: Predictions, right: int) -> list[str]:
    notes = []
    if predictions.learnt:
        notes.append(
            f"{predictions.model} has learnt {predictions.learnt:,} of these {len(predictions):,} faces: "
            "the scores say nothing of other faces."
        )
    classes = np.flatnonzero(predictions.emotions)
    known = ~np.isnan(predictions.probabilities).all(axis=0)
    beside = [EMOTIONS[i] for i in np.flatnonzero(known & ~predictions.emotions)]
    if beside:
        notes.append(
            f"{predictions.labels} labels have no {', '.join(beside)}: "
            f"probabilities are normalised anew over the other {len(classes)} emotions."
        )
    if missing := predictions.dropped.get("not_in_model", 0):
        as_wrong = 100 * right / (len(predictions) + missing)
        notes.append(
            f"{missing} {'row shows' if missing == 1 else 'rows show'} an emotion that the model does not have, "
            f"left out; counted as wrong, top-1 would be {as_wrong:.2f} %."
        )
    if made := predictions.dropped.get("made", 0):
        notes.append(f"{made} made {'picture' if made == 1 else 'pictures'} among the split's faces not judged.")
    if predictions.elsewhere is None:
        notes.append("No deduplicated score: the data set has a single split, so no other can share a picture.")
    return notes


def versions() -> dict[str, str]:
    """What the scores were measured with."""
    return {
        "mien": mien.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "onnxruntime": version("onnxruntime"),
    }


def _plain(value: Any) -> Any:
    """For JSON: no NaN, no numpy, and no digits that mean nothing."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value
