"""Weights of classes in the loss, and their log priors."""

from __future__ import annotations

import torch
from torch import Tensor

from mien.lab.train.recipe import Balance


def class_weights(counts: Tensor, settings: Balance) -> Tensor:
    """(k,) float32 weights whose mean over the FACES is 1, so that the learning rate keeps its meaning.

    Args:
        counts: (k,) faces of each class; a class without any weighs 0.
        settings: `class_weights` none: 1; inverse: 1 / n; effective: (1 - beta) / (1 - beta ** n), the
            inverse of the effective number of samples (Cui et al. 2019, "Class-balanced loss", eq. 2).
    """
    counts = counts.double()
    if settings.class_weights == "none":
        weights = torch.ones_like(counts)
    elif settings.class_weights == "inverse":
        weights = 1 / counts.clamp_min(1)
    else:
        weights = (1 - settings.beta) / (1 - settings.beta ** counts.clamp_min(1))
    weights = torch.where(counts > 0, weights, 0.0)
    return (weights * counts.sum() / (weights * counts).sum().clamp_min(1e-12)).float()


def log_priors(counts: Tensor) -> Tensor:
    """(k,) float32 logs of the classes' shares, one face added to each so that none is minus infinity."""
    shares = (counts.double() + 1) / (counts.double() + 1).sum()
    return shares.log().float()
