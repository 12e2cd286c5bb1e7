"""Several models on the same rows: who is better, how sure that is, and where they disagree."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.predictions import Predictions
from mien.evaluate.shared_rows import SharedRows, shared_rows
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1
from mien.score.intervals import RESAMPLES
from mien.score.kappa import cohens_kappa
from mien.score.many import benjamini_hochberg, holm
from mien.score.paired import Draws, interval_of, mcnemar, p_of, paired_bootstrap

LISTED = 50
"""Disputed rows that are named; `disputed_n` counts them all."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models; differences are first less second, in percentage points.

    Attributes:
        only_first, only_second: rows that one alone gets right (McNemar's n10 and n01).
        by_class: true class -> these two numbers.
        test: how `p` was found: `exact` or `chi-square`, see `score.paired.mcnemar`.
        p, p_holm, p_bh: of no difference in top-1: alone, and corrected for all pairs by Holm (any false) and
            by Benjamini-Hochberg (the share that is false).
        macro_f1_p, macro_f1_p_holm: of no difference in macro F1, by paired bootstrap, see `score.paired.p_of`.
        agreement: percent of rows on which both say the same; kappa: the same beyond chance (Cohen 1960), at
            most 1, NaN where both always say one and the same class.
    """

    first: str
    second: str
    top1_difference: float
    top1_ci95: list[float]
    only_first: int
    only_second: int
    by_class: dict[str, list[int]]
    test: str
    p: float
    p_holm: float
    p_bh: float
    macro_f1_difference: float
    macro_f1_ci95: list[float]
    macro_f1_p: float
    macro_f1_p_holm: float
    agreement: float
    kappa: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """m models on n rows that all of them judged.

    Attributes:
        classes: the emotions that all of them judge.
        left_out: model -> its rows that the others did not judge.
        top1, macro_f1: m percentages on the shared rows.
        pairs: every two models, in the order in which they were given.
        agreement: (m, m) percent of rows with the same answer; kappa: (m, m) Cohen's kappa.
        all_right, all_wrong: rows that every model gets right, or none.
        alone_right: a model each: `model`, `n` rows that it alone gets right, and `by_class` true class -> rows.
        disputed_n: rows on which not all say the same.
        disputed: up to LISTED of them, those where the largest share of pairs differs first, of equal ones those
            where the models are surest: `row`, `true`, `disagreement` (that share, 0..1), `answers`.
        resamples, seed: of the bootstrap.
    """

    models: list[str]
    data: str
    data_sha256: str
    split: str
    labels: str
    classes: list[str]
    n: int
    left_out: dict[str, int]
    top1: list[float]
    macro_f1: list[float]
    pairs: list[Pair]
    agreement: list[list[float]]
    kappa: list[list[float]]
    all_right: int
    all_wrong: int
    alone_right: list[dict[str, Any]]
    disputed_n: int
    disputed: list[dict[str, Any]]
    resamples: int
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON; numbers keep six digits, what is not defined is null."""
        found: dict[str, Any] = rounded(asdict(self))
        return found


def compare(predictions: Sequence[Predictions], *, resamples: int = RESAMPLES, seed: int = 0) -> Comparison:
    """Compare models by their predictions of the same data with the same labels.

    Rows are matched by their number in the data set, probabilities normalised over the emotions that all judge.

    Args:
        predictions: two or more.
        resamples, seed: of the paired bootstrap.

    Raises:
        MienError: other data or labels, or nothing in common; see `shared_rows`.
    """
    shared = shared_rows(predictions)
    said, k = shared.said, len(shared.classes)
    right = said == shared.targets
    draws = paired_bootstrap(shared.targets, said, k, resamples=resamples, seed=seed)
    same = (said[:, None] == said[None]).mean(axis=2)
    kappa = np.array([[float(cohens_kappa(confusion_matrix(a, b, k))) for b in said] for a in said])
    f1 = [float(macro_f1(confusion_matrix(shared.targets, one, k))) for one in said]
    pairs = [
        _pair(shared, right, f1, draws, i, j, 100 * float(same[i, j]), float(kappa[i, j]))
        for i, j in itertools.combinations(range(len(said)), 2)
    ]
    first = predictions[0]
    return Comparison(
        models=list(shared.models),
        data=first.data,
        data_sha256=first.data_sha256,
        split=" & ".join(dict.fromkeys(one.split for one in predictions)),
        labels=first.labels,
        classes=list(shared.classes),
        n=len(shared.rows),
        left_out=dict(zip(shared.models, shared.left_out, strict=True)),
        top1=[100 * float(one.mean()) for one in right],
        macro_f1=f1,
        pairs=_corrected(pairs),
        agreement=(100 * same).tolist(),
        kappa=kappa.tolist(),
        all_right=int(right.all(axis=0).sum()),
        all_wrong=int((~right).all(axis=0).sum()),
        alone_right=_alone_right(shared, right),
        disputed_n=int((said != said[0]).any(axis=0).sum()),
        disputed=_disputed(shared),
        resamples=resamples,
        seed=seed,
    )


def rounded(value: Any) -> Any:
    """For JSON: six digits of each number, null for what is not one."""
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def _pair(
    shared: SharedRows,
    right: NDArray[np.bool_],
    f1: Sequence[float],
    draws: Draws,
    i: int,
    j: int,
    agreement: float,
    kappa: float,
) -> Pair:
    """Models i and j; the corrected p values are still the raw ones."""
    tested = mcnemar(right[i], right[j])
    top1, macro = draws.top1[:, i] - draws.top1[:, j], draws.macro_f1[:, i] - draws.macro_f1[:, j]
    p_macro = p_of(macro)
    alone = [_by_class(shared, mask) for mask in (right[i] & ~right[j], right[j] & ~right[i])]
    return Pair(
        first=shared.models[i],
        second=shared.models[j],
        top1_difference=100 * (tested.only_first - tested.only_second) / len(shared.rows),
        top1_ci95=list(interval_of(top1)),
        only_first=tested.only_first,
        only_second=tested.only_second,
        by_class={name: [alone[0][name], alone[1][name]] for name in shared.classes},
        test=tested.test,
        p=tested.p,
        p_holm=tested.p,
        p_bh=tested.p,
        macro_f1_difference=f1[i] - f1[j],
        macro_f1_ci95=list(interval_of(macro)),
        macro_f1_p=p_macro,
        macro_f1_p_holm=p_macro,
        agreement=agreement,
        kappa=kappa,
    )


def _corrected(pairs: Sequence[Pair]) -> list[Pair]:
    raw, macro = [pair.p for pair in pairs], [pair.macro_f1_p for pair in pairs]
    found = zip(pairs, holm(raw), benjamini_hochberg(raw), holm(macro), strict=True)
    return [replace(pair, p_holm=float(a), p_bh=float(b), macro_f1_p_holm=float(c)) for pair, a, b, c in found]


def _by_class(shared: SharedRows, mask: NDArray[np.bool_]) -> dict[str, int]:
    counts = np.bincount(shared.targets[mask], minlength=len(shared.classes))
    return dict(zip(shared.classes, counts.tolist(), strict=True))


def _alone_right(shared: SharedRows, right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    one = right.sum(axis=0) == 1
    return [
        {"model": name, "n": int((one & own).sum()), "by_class": _by_class(shared, one & own)}
        for name, own in zip(shared.models, right, strict=True)
    ]


def _disputed(shared: SharedRows) -> list[dict[str, Any]]:
    said, models = shared.said, len(shared.models)
    votes = (said[..., None] == np.arange(len(shared.classes))).sum(axis=0)  # (n, k)
    apart = 1 - (votes * (votes - 1)).sum(axis=1) / (models * (models - 1))
    sure = shared.probabilities.max(axis=2).mean(axis=0)
    order = np.lexsort((shared.rows, -sure, -apart))
    return [
        {
            "row": int(shared.rows[i]),
            "true": shared.classes[shared.targets[i]],
            "disagreement": float(apart[i]),
            "answers": {name: shared.classes[c] for name, c in zip(shared.models, said[:, i], strict=True)},
        }
        for i in order[:LISTED]
        if apart[i] > 0
    ]
