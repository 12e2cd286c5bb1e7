"""Probabilities against distributions, as the votes of several people on a face are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.score.calibration import SMALLEST
from mien.score.inputs import checked_probabilities

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoftScores:
    """Means over n rows, in nats where nothing else is said.

    Attributes:
        cross_entropy: the votes' entropy and the divergence from them together.
        entropy: of the votes, below which no model's cross-entropy comes.
        divergence: Kullback-Leibler, of the probabilities from the votes: the difference of the two above.
        jensen_shannon: divergence, 0..ln 2.
        distance: its root to base 2, row by row, 0..1, which is a metric.
        top1: percent of rows whose likeliest class has as many votes as any; a tie in votes is no error.
    """

    n: int
    cross_entropy: float
    entropy: float
    divergence: float
    jensen_shannon: float
    distance: float
    top1: float


def distributions(votes: NDArray[Any]) -> Floats:
    """(n, k) counts of votes -> (n, k) shares; what to do with votes for no class is the caller's to say.

    Raises:
        ValueError: negative or infinite votes, or a row without any.
    """
    counts = np.asarray(votes, np.float64)
    if counts.ndim != 2 or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError(f"votes: shape {counts.shape}, expected (n, k) counts of at least 0")
    n = counts.sum(axis=1, keepdims=True)
    if (n == 0).any():
        raise ValueError(f"votes: row {int((n == 0).argmax())} has none; leave such rows out")
    return np.asarray(counts / n)


def cross_entropy(shares: NDArray[Any], probabilities: NDArray[Any], smallest: float = SMALLEST) -> Floats:
    """(n,) -sum over the classes of share x ln p, in nats; 0 ln 0 is 0.

    Of one-hot shares the mean is the negative log-likelihood, to the last bit.

    Args:
        shares: (n, k) rows summing to 1.
        probabilities: (n, k) rows summing to 1.
        smallest: p is raised to this where it is below; with 0 a row whose votes meet p = 0 is infinite.

    Raises:
        ValueError: shapes that differ, rows that are no distributions.
    """
    t, p = _checked(shares, probabilities)
    p = np.maximum(p, smallest)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(t > 0, -t * np.log(np.where(t > 0, p, 1)), 0).sum(axis=1))


def entropy(shares: NDArray[Any]) -> Floats:
    """(n, k) -> (n,) in nats, 0..ln k; 0 ln 0 is 0."""
    t = np.maximum(checked_probabilities(shares), 0)
    return np.asarray(np.where(t > 0, -t * np.log(np.where(t > 0, t, 1)), 0).sum(axis=1))


def divergence(shares: NDArray[Any], probabilities: NDArray[Any], smallest: float = SMALLEST) -> Floats:
    """(n,) Kullback-Leibler, sum of share x ln(share / p), in nats; arguments and errors as for `cross_entropy`."""
    t, p = _checked(shares, probabilities)
    return _relative(t, np.maximum(p, smallest))


def jensen_shannon(shares: NDArray[Any], probabilities: NDArray[Any]) -> Floats:
    """(n,) mean divergence of the two from their middle, in nats, 0..ln 2 (Lin 1991): always finite."""
    t, p = _checked(shares, probabilities)
    middle = (t + p) / 2
    return np.maximum((_relative(t, middle) + _relative(p, middle)) / 2, 0)


def jensen_shannon_distance(shares: NDArray[Any], probabilities: NDArray[Any]) -> Floats:
    """(n,) root of the divergence to base 2, 0..1, a metric (Endres & Schindelin 2003)."""
    return np.asarray(np.sqrt(jensen_shannon(shares, probabilities) / np.log(2)))


def soft_scores(shares: NDArray[Any], probabilities: NDArray[Any]) -> SoftScores:
    """All of them, as means over the rows; arguments and errors as for `cross_entropy`."""
    t, p = _checked(shares, probabilities)
    if not len(t):
        raise ValueError("shares: no rows")
    right = np.take_along_axis(t, p.argmax(axis=1)[:, None], axis=1)[:, 0] == t.max(axis=1)
    return SoftScores(
        n=len(t),
        cross_entropy=float(cross_entropy(t, p).mean()),
        entropy=float(entropy(t).mean()),
        divergence=float(divergence(t, p).mean()),
        jensen_shannon=float(jensen_shannon(t, p).mean()),
        distance=float(jensen_shannon_distance(t, p).mean()),
        top1=100 * float(right.mean()),
    )


def _checked(shares: NDArray[Any], probabilities: NDArray[Any]) -> tuple[Floats, Floats]:
    # values a hair below 0 pass the check, and have no logarithm
    t, p = (np.maximum(checked_probabilities(values), 0) for values in (shares, probabilities))
    if t.shape != p.shape:
        raise ValueError(f"shares of shape {t.shape} for probabilities of shape {p.shape}")
    return t, p


def _relative(t: Floats, p: Floats) -> Floats:
    """Sum of t ln(t / p) - which is infinite where t meets p = 0."""
    some = t > 0
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(some, t * np.log(np.where(some, t, 1) / np.where(some, p, 1)), 0).sum(axis=1))
