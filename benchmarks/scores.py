"""How far each score lies from an independent reference: the largest difference over many random cases.

usage: scores.py [--cases 200] [--seed 0]

References: scikit-learn and scipy in float64; loops over rows; exact fractions for concordance and ICC, which no
installed library has by Lin's formula and by Shrout and Fleiss'. Differences of shares are in percentage points.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from record import write
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from scipy.stats import pearsonr
from sklearn import metrics

from mien.score.accuracy import top_k
from mien.score.agreement import intraclass_correlation
from mien.score.balanced_accuracy import balanced_accuracy
from mien.score.calibration import brier, expected_calibration_error, negative_log_likelihood
from mien.score.concordance import concordance, pearson, root_mean_squared_error, sign_agreement
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1, per_class
from mien.score.kappa import cohens_kappa
from mien.score.matthews import matthews
from mien.score.multilabel import per_unit
from mien.score.ranking import one_against_rest, precision_recall_curve, roc_curve
from mien.score.soft import cross_entropy, divergence, jensen_shannon

KINDS = ("random", "imbalanced", "absent", "shifted")
Found = Iterator[tuple[str, Any, Any]]
"""A score's name, ours and the reference; NaN must stand in the same places."""


def classes(kind: str, random: np.random.Generator) -> Found:
    """Scores of one class a row. Shifted: one class is said far too often, and ranks are taken round a million."""
    k, n = int(random.integers(2, 12)), int(random.integers(30, 400))
    share = np.ones(k)
    if kind == "imbalanced":
        share = 0.35 ** np.arange(k)
    elif kind == "absent":
        share[random.permutation(k)[: max(1, k // 3)]] = 0
    t = random.choice(k, n, p=share / share.sum())
    logits = random.normal(size=(n, k)) * random.uniform(0.5, 3) + random.uniform(0, 3) * np.eye(k)[t]
    logits[:, 0] += 3 * (kind == "shifted")
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    said, names = p.argmax(axis=1), np.arange(k)
    ours = confusion_matrix(t, said, k)
    yield "confusion", ours, metrics.confusion_matrix(t, said, labels=names)
    for at in (a for a in (1, 2, 3, 5) if a < k):
        rank = [sorted(range(k), key=lambda c, row=row: -row[c]).index(c) for row, c in zip(p, t, strict=True)]
        yield f"top{at}", top_k(t, p, at), 100 * sum(r < at for r in rank) / n
    precision, recall, f1, rows = metrics.precision_recall_fscore_support(t, said, labels=names, zero_division=0)
    each, some = per_class(ours), rows > 0
    yield "precision of a class", each.precision[some], 100 * precision[some]
    yield "recall of a class", each.recall[some], 100 * recall[some]
    yield "F1 of a class", each.f1[some], 100 * f1[some]
    yield "macro F1", macro_f1(ours), 100 * f1[some].mean()
    yield "balanced accuracy", balanced_accuracy(ours), 100 * metrics.balanced_accuracy_score(t, said)
    for weights in ("none", "linear", "quadratic"):
        theirs = metrics.cohen_kappa_score(t, said, labels=names, weights=None if weights == "none" else weights)
        yield f"kappa, weights {weights}", cohens_kappa(ours, weights), theirs
    yield "Matthews", matthews(ours), metrics.matthews_corrcoef(t, said)
    yield "ECE", expected_calibration_error(t, p), _ece(t, p, 15)
    yield "NLL", negative_log_likelihood(t, p), -math.fsum(math.log(max(v, 1e-12)) for v in p[np.arange(n), t]) / n
    yield (
        "Brier",
        brier(t, p),
        metrics.brier_score_loss(t, p, labels=names, scale_by_half=False)
        if k > 2
        else (2 * metrics.brier_score_loss(t, p[:, 1], labels=names)),
    )
    yield from _ranking(t, p + 1e6 * (kind == "shifted"))
    votes = random.multinomial(10, 0.6 * np.eye(k)[t] + 0.4 / k) / 10
    kl = rel_entr(votes, np.maximum(p, 1e-12)).sum(axis=1)
    own = -np.where(votes > 0, votes * np.log(np.where(votes > 0, votes, 1)), 0).sum(axis=1)
    yield "Kullback-Leibler", divergence(votes, p), kl
    yield "cross-entropy", cross_entropy(votes, p), kl + own
    yield "Jensen-Shannon", jensen_shannon(votes, p), [jensenshannon(a, b) ** 2 for a, b in zip(votes, p, strict=True)]


def _ece(t: np.ndarray, p: np.ndarray, bins: int) -> float:
    found: dict[int, list[tuple[float, bool]]] = {}
    for label, row in zip(t.tolist(), p.tolist(), strict=True):
        sure = max(row)
        found.setdefault(min(int(Fraction(sure) * bins), bins - 1), []).append((sure, row.index(sure) == label))
    gaps = (abs(math.fsum(s for s, _ in rows) - sum(r for _, r in rows)) for rows in found.values())
    return 100 * math.fsum(gaps) / len(t)


def _ranking(t: np.ndarray, scores: np.ndarray) -> Found:
    ours = one_against_rest(t, scores)
    for c in range(scores.shape[1]):
        positive = t == c
        if positive.all() or not positive.any():
            yield "ROC AUC", ours.roc_auc[c], np.nan
            yield "average precision", ours.average_precision[c], np.nan
            continue
        yield "ROC AUC", ours.roc_auc[c], metrics.roc_auc_score(positive, scores[:, c])
        yield "average precision", ours.average_precision[c], metrics.average_precision_score(positive, scores[:, c])
        roc, pr = roc_curve(positive, scores[:, c]), precision_recall_curve(positive, scores[:, c])
        false, true, _ = metrics.roc_curve(positive, scores[:, c], drop_intermediate=False)
        precision, recall, _ = metrics.precision_recall_curve(positive, scores[:, c])
        yield "ROC curve", [roc.false_positive, roc.true_positive], [false, true]
        yield "precision-recall curve", [pr.precision, pr.recall], [precision[::-1], recall[::-1]]


def numbers(kind: str, random: np.random.Generator) -> Found:
    """Valence, arousal and intensities. Imbalanced: nearly all 0; absent: some without a label; shifted: by 1e6."""
    n = int(random.integers(30, 200))
    x = random.uniform(-1, 1, n)
    if kind == "imbalanced":
        x[random.random(n) < 0.9] = 0
        x[0] = 0.5
    y = random.uniform(0.2, 1) * x + random.normal(0, 0.3, n) + random.uniform(-0.3, 0.3)
    x, y = x + 1e6 * (kind == "shifted"), y + 1e6 * (kind == "shifted")
    t = np.where(random.random(n) < 0.3, np.nan, x) if kind == "absent" else x
    known = ~np.isnan(t)
    a, b = t[known], y[known]
    yield "concordance", concordance(t, y), _lin(a, b)
    yield "Pearson", pearson(t, y), pearsonr(a, b).statistic
    yield "RMSE", root_mean_squared_error(t, y), metrics.root_mean_squared_error(a, b)
    same = sum((u > 0) - (u < 0) == (v > 0) - (v < 0) for u, v in zip(a.tolist(), b.tolist(), strict=True))
    yield "sign agreement", sign_agreement(t, y), 100 * same / len(a)
    yield "ICC(3,1)", intraclass_correlation(np.column_stack([t, y])), _icc(np.column_stack([a, b]))


def _lin(x: np.ndarray, y: np.ndarray, less: int = 0) -> float:
    """Lin's coefficient with moments of n - less, in fractions."""
    a, b = [Fraction(float(v)) for v in x], [Fraction(float(v)) for v in y]
    n = len(a)
    mean_a, mean_b = sum(a) / n, sum(b) / n
    together = sum((v - mean_a) * (w - mean_b) for v, w in zip(a, b, strict=True)) / (n - less)
    spread = (sum((v - mean_a) ** 2 for v in a) + sum((v - mean_b) ** 2 for v in b)) / (n - less)
    return float(2 * together / (spread + (mean_a - mean_b) ** 2))


def _icc(ratings: np.ndarray) -> float:
    table = [[Fraction(float(v)) for v in row] for row in ratings]
    n, k = len(table), len(table[0])
    correction = sum(sum(row) for row in table) ** 2 / (n * k)
    everything = sum(v**2 for row in table for v in row) - correction
    between = sum(sum(row) ** 2 for row in table) / k - correction
    raters = sum(sum(row[j] for row in table) ** 2 for j in range(k)) / n - correction
    rows, rest = between / (n - 1), (everything - between - raters) / ((n - 1) * (k - 1))
    return float((rows - rest) / (rows + (k - 1) * rest))


def units(kind: str, random: np.random.Generator) -> Found:
    """Action units. Imbalanced: rare and frequent ones; absent: units and labels missing; shifted: scores by 1e6."""
    n, u = int(random.integers(30, 300)), 6
    share = np.array([0.03, 0.05, 0.1, 0.9, 0.97, 0.5]) if kind == "imbalanced" else random.uniform(0.2, 0.8, u)
    share[0] *= kind != "absent"
    t = (random.random((n, u)) < share).astype(float)
    scores = 1 / (1 + np.exp(-random.normal(2 * t - 1, 2)))
    threshold = 0.5
    if kind == "absent":
        t[random.random((n, u)) < 0.3] = np.nan
    if kind == "shifted":
        scores, threshold = scores + 1e6, 1e6 + 0.5
    ours = per_unit(t, scores, threshold)
    for at in range(u):
        known = ~np.isnan(t[:, at])
        true, given = t[known, at] == 1, scores[known, at]
        said = given >= threshold
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            true, said, average="binary", zero_division=0
        )
        some, both = true.any(), true.any() and not true.all()
        yield "accuracy of a unit", ours.accuracy[at], 100 * metrics.accuracy_score(true, said)
        yield "precision of a unit", ours.precision[at], 100 * precision if some or said.any() else np.nan
        yield "recall of a unit", ours.recall[at], 100 * recall if some else np.nan
        yield "F1 of a unit", ours.f1[at], 100 * f1 if some else np.nan
        yield "ROC AUC of a unit", ours.roc_auc[at], metrics.roc_auc_score(true, given) if both else np.nan


def torchmetrics_concordance(cases: int, seed: int) -> dict[str, float]:
    """Largest distance of torchmetrics' float64 concordance from Lin's formula, and from the one with n - 1."""
    import torch
    from torchmetrics.functional.regression import concordance_corrcoef

    lin, unbiased, ours = 0.0, 0.0, 0.0
    for case in range(cases):
        random = np.random.default_rng([seed, case, 99])
        n = int(random.integers(30, 200))
        x = random.uniform(-1, 1, n)
        y = 0.7 * x + random.normal(0, 0.3, n) + random.uniform(-0.5, 0.5)
        theirs = float(concordance_corrcoef(torch.tensor(y), torch.tensor(x)))
        lin, unbiased = max(lin, abs(theirs - _lin(x, y))), max(unbiased, abs(theirs - _lin(x, y, 1)))
        ours = max(ours, abs(float(concordance(x, y)) - _lin(x, y)))
    return {"torchmetrics_from_lin": lin, "torchmetrics_from_n_minus_1": unbiased, "mien_from_lin": ours}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn's of classes without rows
    largest: dict[str, dict[str, float]] = {}
    undefined: dict[str, int] = {}
    for kind in KINDS:
        for case in range(args.cases):
            random = np.random.default_rng([args.seed, KINDS.index(kind), case])
            for draw in (classes, numbers, units):
                for name, ours, reference in draw(kind, random):
                    a, b = np.asarray(ours, float), np.asarray(reference, float)
                    if (np.isnan(a) != np.isnan(b)).any():
                        raise SystemExit(f"{name}, {kind}, case {case}: {a} where the reference has {b}")
                    undefined[name] = undefined.get(name, 0) + int(np.isnan(a).sum())
                    apart = float(np.nanmax(np.abs(a - b))) if not np.isnan(a).all() else 0.0
                    of = largest.setdefault(name, {})
                    of[kind] = max(of.get(kind, 0.0), apart)
        print(kind, f"{max(of[kind] for of in largest.values()):.2e}", flush=True)
    for name, of in largest.items():
        print(f"{name:26s}", "  ".join(f"{kind} {apart:.1e}" for kind, apart in of.items()))
    result = {
        "cases_of_each_kind": args.cases,
        "seed": args.seed,
        "largest": max(apart for of in largest.values() for apart in of.values()),
        "largest_by_score": largest,
        "undefined_in_both": undefined,
        "concordance": torchmetrics_concordance(args.cases, args.seed),
    }
    print(result["largest"], result["concordance"])
    write("scores", result, packages=("mien", "numpy", "scipy", "scikit-learn", "torchmetrics"))


if __name__ == "__main__":
    main()
