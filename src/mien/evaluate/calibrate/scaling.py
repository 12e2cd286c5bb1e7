"""Scaling logits so that probabilities mean what they say: temperature and vector scaling (Guo et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.probabilities import softmax
from mien.score.calibration import SMALLEST, expected_calibration_error

METHODS = ("temperature", "vector", "auto")
FOLDS = 5
STRENGTH = 3.0
"""Of the pull of vector scaling's values to those of temperature scaling: a Gaussian of deviation 0.4 around each."""
FACES_FOR_A_VECTOR = 20
"""Of the rarest class, for `auto`: ten for each of its two values (Peduzzi et al. 1996, events per variable)."""
LOG_RANGE = (-4.0, 4.0)
"""Natural logarithms of temperatures that are looked through: 0.02 to 55."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """What is done to (n, k) logits: over temperature, or times scale and plus bias, each (k,)."""

    method: str  # temperature | vector
    temperature: float = 1.0
    scale: Floats | None = None
    bias: Floats | None = None

    def __call__(self, logits: NDArray[Any]) -> Floats:
        """(n, k) logits -> (n, k) scaled ones."""
        values = np.asarray(logits, np.float64)
        if self.scale is None or self.bias is None:
            return np.asarray(values / self.temperature)
        return np.asarray(values * self.scale + self.bias)

    def stored(self, labels: tuple[str, ...]) -> dict[str, Any]:
        """As the ModelSpec keeps it, `labels` being the k classes."""
        if self.scale is None or self.bias is None:
            return {"method": self.method, "temperature": self.temperature}
        return {
            "method": self.method,
            "scale": dict(zip(labels, map(float, self.scale), strict=True)),
            "bias": dict(zip(labels, map(float, self.bias), strict=True)),
        }


Fit = Callable[[NDArray[Any], NDArray[np.int64]], Scaling]


def fit_temperature(logits: NDArray[Any], targets: NDArray[np.int64]) -> Scaling:
    """The temperature of least negative log-likelihood, which is convex in its inverse (Guo et al. 2017, eq. 9).

    The order of the classes, and so every answer, stays as it was.

    Args:
        logits: (n, k).
        targets: (n,) classes 0..k-1.
    """
    from scipy.optimize import minimize_scalar

    values = np.asarray(logits, np.float64)
    found = minimize_scalar(
        lambda log: likelihood(values * np.exp(-log), targets),
        bounds=LOG_RANGE,
        method="bounded",
        options={"xatol": 1e-7},
    )
    return Scaling("temperature", float(np.exp(found.x)))


def fit_vector(logits: NDArray[Any], targets: NDArray[np.int64], strength: float = STRENGTH) -> Scaling:
    """A scale and a bias for each class, of least negative log-likelihood (Guo et al. 2017, section 4.2).

    Answers may change. Scales are drawn to the best temperature's, biases to 0, so that a class with few faces
    is moved little: `strength` times their squared distance is added to the sum over the faces.

    Args:
        logits, targets: as for `fit_temperature`.
    """
    from scipy.optimize import minimize

    values = np.asarray(logits, np.float64)
    n, k = values.shape
    wanted = np.eye(k)[targets]
    start = np.concatenate([np.full(k, 1 / fit_temperature(values, targets).temperature), np.zeros(k)])

    def loss(point: Floats) -> tuple[float, Floats]:
        scaled = values * point[:k] + point[k:]
        away = point - start
        off = (softmax(scaled) - wanted) / n
        slope = np.concatenate([(off * values).sum(axis=0), off.sum(axis=0)]) + 2 * strength / n * away
        return likelihood(scaled, targets) + strength / n * float(away @ away), slope

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    return Scaling("vector", scale=found[:k], bias=found[k:])


def likelihood(logits: NDArray[Any], targets: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood in nats of (n, k) logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    own = np.take_along_axis(shifted, targets[:, None], axis=1)[:, 0]
    return float((np.log(np.exp(shifted).sum(axis=1)) - own).mean())


def cross_fitted(fit: Fit, logits: NDArray[Any], targets: NDArray[np.int64], seed: int = 0) -> Floats:
    """(n, k) logits, each face's scaled by what was fitted on the other folds: nothing has seen its own label.

    Args:
        logits, targets: as for `fit_temperature`.
        seed: of the folds, which hold each class alike.

    Raises:
        MienError: fewer faces than folds.
    """
    if len(targets) < FOLDS:
        raise MienError(f"{len(targets)} labelled faces to calibrate on; give {FOLDS} at least, better a thousand")
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(targets))
    by_class = shuffled[np.argsort(targets[shuffled], kind="stable")]
    fold = np.empty(len(targets), np.int64)
    fold[by_class] = np.arange(len(targets)) % FOLDS
    out = np.empty(np.shape(logits), np.float64)
    for number in range(FOLDS):
        mine = fold == number
        out[mine] = fit(logits[~mine], targets[~mine])(logits[mine])
    return out


def comparison(scaled: dict[str, Floats], targets: NDArray[np.int64]) -> dict[str, dict[str, float]]:
    """Method -> `nll`, `ece` and `top1` of its cross-fitted (n, k) logits."""
    found = {}
    for method, logits in scaled.items():
        probabilities = softmax(logits)
        found[method] = {
            "nll": likelihood(logits, targets),
            "ece": expected_calibration_error(targets, probabilities),
            "top1": 100 * float((probabilities.argmax(axis=1) == targets).mean()),
        }
    return found


def preferred(temperature: Floats, vector: Floats, targets: NDArray[np.int64]) -> str:
    """The method that `auto` takes, by cross-fitted (n, k) logits of both.

    Vector scaling, where each class has `FACES_FOR_A_VECTOR` and its negative log-likelihood is lower by more than one
    standard error of the difference: it has many more values to get wrong, and changes answers.
    """
    if np.bincount(targets, minlength=vector.shape[1]).min() < FACES_FOR_A_VECTOR:
        return "temperature"
    own = [
        -np.log(np.maximum(np.take_along_axis(softmax(z), targets[:, None], axis=1)[:, 0], SMALLEST))
        for z in (temperature, vector)
    ]
    gain = own[0] - own[1]
    return "vector" if gain.mean() > gain.std() / np.sqrt(len(gain)) else "temperature"
