"""Stacking: a multinomial logistic regression on the logarithms of several models' probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.ensemble.fit_inputs import SMALLEST, checked_fit

FLOOR = 1e-6
"""Probabilities are raised to this before the logarithm: one that is nearly 0 must not outweigh all others."""
STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0)
"""Tried by cross-validation: how strongly coefficients are held at their start, see `solve`."""
FOLDS = 5
_STEPS = 500


@dataclass(frozen=True, slots=True)
class Stacking:
    """softmax(intercept + sum over members of coefficients[member] @ ln(its probabilities)).

    Attributes:
        classes: k names, of rows and columns.
        coefficients: (m, k, k): member, class that comes out, class that goes in.
        intercept: (k,).
        l2: the strength that was chosen.
        floor: what probabilities are raised to before the logarithm.
    """

    classes: tuple[str, ...]
    coefficients: NDArray[np.float64]
    intercept: NDArray[np.float64]
    l2: float
    floor: float = FLOOR

    def __call__(self, probabilities: NDArray[Any]) -> NDArray[np.float64]:
        """(m, n, k) probabilities -> (n, k), rows summing to 1.

        Raises:
            ValueError: other members or classes than it was fitted to, or NaN.
        """
        values = np.asarray(probabilities, np.float64)
        m, k, _ = self.coefficients.shape
        if values.ndim != 3 or values.shape[::2] != (m, k) or np.isnan(values).any():
            raise ValueError(f"probabilities of shape {values.shape}: expected ({m}, rows, {k}) without NaN")
        logs = np.log(np.maximum(values, self.floor))
        return _softmax(np.einsum("mni,moi->no", logs, self.coefficients) + self.intercept)


def fit_stacking(
    probabilities: NDArray[Any],
    targets: NDArray[Any],
    classes: Sequence[str],
    *,
    strengths: Sequence[float] = STRENGTHS,
    folds: int = FOLDS,
    seed: int = 0,
) -> Stacking:
    """Fit to (m, n, k) probabilities of m models and (n,) classes (Wolpert 1992; Ting & Witten 1999).

    The penalty's strength is the one with the lowest NLL over folds that are stratified by class; the
    coefficients are then fitted to all rows. Rows to fit on are validation rows; a test split chooses nothing.

    Args:
        classes: k names.
        strengths: of the penalty, see `solve`.
        seed: of the cut into folds.

    Raises:
        ValueError: shapes that do not fit, NaN, classes out of range, fewer than two folds or rows than folds.
    """
    values, labels = checked_fit(probabilities, targets)
    if len(classes) != values.shape[2] or not 2 <= folds <= len(labels) or not strengths:
        raise ValueError(f"{len(classes)} names of {values.shape[2]} classes, {folds} folds of {len(labels)} rows")
    features, start = _features(values), _start(len(values), len(classes))
    fold = _folds(labels, folds, seed)
    losses = np.zeros(len(strengths))
    for part in range(folds):
        learnt, left = fold != part, fold == part
        found = None
        for i in np.argsort(strengths)[::-1]:  # from the strongest, each starting where the last one ended
            found = solve(features[learnt], labels[learnt], strengths[i], start, found)
            own = _softmax(features[left] @ found[:-1] + found[-1])[np.arange(left.sum()), labels[left]]
            losses[i] -= np.log(np.maximum(own, SMALLEST)).sum()
    l2 = float(strengths[int(losses.argmin())])
    solved = solve(features, labels, l2, start)
    k = len(classes)
    coefficients = solved[:-1].reshape(len(values), k, k).swapaxes(1, 2)  # in, out -> out, in
    return Stacking(tuple(classes), np.ascontiguousarray(coefficients), solved[-1].copy(), l2)


def solve(
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    l2: float,
    start: NDArray[np.float64],
    guess: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """(f + 1, k) coefficients, the intercept last: the lowest mean NLL + l2 / 2 * |coefficients - start|^2.

    Args:
        features: (n, f).
        labels: (n,) classes 0..k-1.
        l2: 0 or more; at infinity the coefficients are `start`. The intercept is held nowhere.
        start: (f + 1, k), what the coefficients are drawn to; its last row is ignored.
        guess: (f + 1, k), where the search begins; it ends at the same place.
    """
    from scipy.optimize import minimize

    n, hot = len(labels), np.eye(start.shape[1])[labels]
    inputs = np.hstack([features, np.ones((n, 1))])

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat.reshape(start.shape)
        logits = inputs @ w
        logits -= logits.max(axis=1, keepdims=True)
        e = np.exp(logits)
        total = e.sum(axis=1, keepdims=True)
        apart = w - start
        apart[-1] = 0
        value = float((np.log(total[:, 0]) - (logits * hot).sum(axis=1)).mean() + l2 / 2 * (apart**2).sum())
        return value, (inputs.T @ (e / total - hot) / n + l2 * apart).ravel()

    first = start if guess is None else guess
    options = {"maxiter": _STEPS, "ftol": 1e-10, "gtol": 1e-6}
    return np.asarray(
        minimize(loss, first.ravel(), jac=True, method="L-BFGS-B", options=options).x.reshape(start.shape)
    )


def _features(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, n, k) -> (n, m * k) logarithms, member by member."""
    logs = np.log(np.maximum(values, FLOOR))
    return np.asarray(logs.swapaxes(0, 1).reshape(values.shape[1], -1))


def _start(members: int, classes: int) -> NDArray[np.float64]:
    """The geometric mean of the members: without any rows to learn from that is the answer."""
    return np.vstack([np.tile(np.eye(classes) / members, (members, 1)), np.zeros((1, classes))])


def _folds(labels: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """(n,) fold of each row, every class spread evenly over them."""
    order = np.lexsort((np.random.default_rng(seed).random(len(labels)), labels))
    out = np.empty(len(labels), np.int64)
    out[order] = np.arange(len(labels)) % folds
    return out


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))
