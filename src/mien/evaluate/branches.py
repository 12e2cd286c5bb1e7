"""Of models whose branches vote: each branch's own answers, and what their disagreement tells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.ensemble.branches import mean, votes
from mien.evaluate.answers import Answers
from mien.evaluate.label_scheme import renormalised
from mien.evaluate.predictor import Predictor
from mien.labels import EMOTIONS
from mien.runtime.branch_disagreement import disagreement
from mien.runtime.probabilities import softmax
from mien.score.accuracy import top_k

Floats = NDArray[np.float32]


def said_by(predictor: Predictor, crops: NDArray[np.uint8], batch: int) -> tuple[Floats, Floats | None]:
    """The model's (n, k) logits, and its branches' (n, b, k) where it has any and can tell."""
    said = getattr(predictor, "said", None)
    if not predictor.spec.branches or said is None:
        return predictor.logits(crops, batch), None
    logits, branches = said(crops, batch)
    return logits, branches


def branch_probabilities(answers: Answers, said: Floats) -> Floats:
    """(n, b, k) logits of all heads -> (n, b, 8), NaN in columns without an answer; as learnt, not calibrated."""
    n, b, k = said.shape
    raw = answers.outputs(said.reshape(n * b, k))
    out = np.full((n * b, len(EMOTIONS)), np.nan, np.float32)
    out[:, answers.present] = softmax(raw[:, answers.present])
    return out.reshape(n, b, len(EMOTIONS))


def branch_disagreement(probabilities: Floats) -> Floats:
    """(n, b, 8) -> (n,) in 0..1, see `mien.runtime.branch_disagreement.disagreement`."""
    known = ~np.isnan(probabilities).all(axis=(0, 1))
    return disagreement(probabilities[..., known].swapaxes(0, 1)).astype(np.float32)


def branch_report(
    probabilities: Floats | None, targets: NDArray[np.int64], classes: NDArray[np.int64], right: NDArray[np.bool_]
) -> dict[str, Any] | None:
    """The key `branches` of an evaluation; None for a model without.

    Args:
        probabilities: (n, b, 8).
        targets: (n,) positions in `classes`, which are positions in `labels.EMOTIONS`.
        right: (n,) whether the ensemble was.

    Returns:
        n, each branch's top-1, that of vote and mean, in percent, and the mean disagreement, 0..1, on faces
        that the ensemble got right and wrong; None where there are no such faces.
    """
    if probabilities is None:
        return None
    each = np.stack([renormalised(branch, classes) for branch in probabilities.swapaxes(0, 1)])  # (b, n, k)
    apart = disagreement(each)
    return {
        "n": len(each),
        "top1": [top_k(targets, branch) for branch in each],
        "vote_top1": 100 * float((votes(each).argmax(axis=1) == targets).mean()),
        "mean_top1": top_k(targets, mean(each)),
        "disagreement_right": float(apart[right].mean()) if right.any() else None,
        "disagreement_wrong": float(apart[~right].mean()) if (~right).any() else None,
    }
