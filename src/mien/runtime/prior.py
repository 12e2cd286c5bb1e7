"""How common each emotion is where a model is used: probabilities corrected to it, and it found without labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STRENGTH = 10.0
"""Imagined faces at the old prior that are added to those seen: few faces cannot carry it far."""
TOLERANCE = 1e-7
"""EM has come to rest when no share changes by more in a step."""
ITERATIONS = 10_000

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class PriorEstimate:
    """A prior found by EM.

    Attributes:
        shares: (k,) float64, summing to 1 without the columns that are NaN.
        n: faces that it was estimated from.
        iterations, change: steps made, and the largest change of a share in the last.
    """

    shares: NDArray[np.float64]
    n: int
    iterations: int
    change: float

    @property
    def converged(self) -> bool:
        return self.change <= TOLERANCE


def corrected(probabilities: Floats, old_prior: Floats, new_prior: Floats) -> NDArray[np.float64]:
    """Probabilities as they would be had the classes the new shares (Saerens et al. 2002, eq. 2.4).

    Each is multiplied by new / old and the row brought back to 1.

    Args:
        probabilities: (n, k) rows summing to 1; columns of NaN, as of an emotion that the model lacks, stay so.
        old_prior, new_prior: (k,) shares, above 0 for the old; NaN only where the probabilities are.

    Raises:
        ValueError: shapes that do not fit, an old share that is not above 0, a new one below 0.
    """
    values = np.array(probabilities, np.float64)
    known, old, new = _columns(values, old_prior, new_prior)
    weighed = values[:, known] * (new / old)
    total = weighed.sum(axis=1, keepdims=True)
    # a row whose whole mass lies on classes that cannot occur any more says nothing but the prior
    values[:, known] = np.where(total > 0, weighed / np.where(total > 0, total, 1), new / new.sum())
    return values


def estimate_prior(
    probabilities: Floats, old_prior: Floats, *, strength: float = STRENGTH, iterations: int = ITERATIONS
) -> PriorEstimate:
    """The shares of the classes among unlabelled faces, by EM (Saerens, Latinne and Decaestecker 2002, eq. 2.9).

    Right where only the shares differ from those that the model learnt and the faces of a class look as they did
    (label shift), and as good as the probabilities are calibrated (Alexandari et al. 2020). `strength` imagined
    faces at the old prior are added, a Dirichlet prior of that weight: with ten faces half of the answer is the
    old prior, with a thousand 1 %.

    Args:
        probabilities: (n, k) calibrated probabilities; rows that are all NaN count as not there, columns of NaN stay.
        old_prior: (k,) shares that the probabilities were calibrated at.
        strength: at least 0; 0 is plain maximum likelihood.
        iterations: steps after which EM stops though shares still move; see `PriorEstimate.converged`.

    Raises:
        ValueError: no row with probabilities, shapes that do not fit, an old share that is not above 0.
    """
    values = np.asarray(probabilities, np.float64)
    values = values[~np.isnan(values).all(axis=1)]
    if len(values) == 0:
        raise ValueError("probabilities: no row to estimate a prior from")
    known, old, _ = _columns(values, old_prior, old_prior)
    old = old / old.sum()
    odds = values[:, known] / old  # what a face says of each class, apart from how common it is
    shares, change, step = old, np.inf, 0
    while change > TOLERANCE and step < iterations:
        said = odds * shares
        total = said.sum(axis=1, keepdims=True)
        said = np.where(total > 0, said / np.where(total > 0, total, 1), shares)
        new = (said.sum(axis=0) + strength * old) / (len(values) + strength)
        change, shares, step = float(np.abs(new - shares).max()), new, step + 1
    out = np.full(values.shape[1], np.nan)
    out[known] = shares
    return PriorEstimate(out, len(values), step, change)


def _columns(
    values: NDArray[np.float64], old_prior: Floats, new_prior: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Which columns hold probabilities, and both priors there."""
    old, new = np.asarray(old_prior, np.float64), np.asarray(new_prior, np.float64)
    if values.ndim != 2 or old.shape != values.shape[1:] or new.shape != old.shape:
        raise ValueError(f"priors of shapes {old.shape} and {new.shape} for probabilities of shape {values.shape}")
    known = np.asarray(~np.isnan(values).all(axis=0) if len(values) else ~np.isnan(old))
    old, new = old[known], new[known]
    if not (np.isfinite(old).all() and (old > 0).all()):
        raise ValueError("old prior: every class needs a share above 0")
    if not (np.isfinite(new).all() and (new >= 0).all() and new.sum() > 0):
        raise ValueError("new prior: shares at least 0, not all of them 0")
    return known, old, new
