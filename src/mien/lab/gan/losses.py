"""The terms of GANmut's losses (d'Apolito et al., CVPR 2021), each on its own."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Realness = Callable[[Tensor], Tensor]
"""Faces (n, c, h, w) -> (n, ...), each face's own."""


def gradient_penalty(realness: Realness, real: Tensor, made: Tensor, share: Tensor) -> Tensor:
    """mean (|gradient at a point between real and made| - 1)^2 (Gulrajani et al. 2017, equation 3).

    Args:
        real, made: (n, c, h, w); no gradient flows into them.
        share: (n,) 0..1, how much of the real face is in the point.
    """
    a = share[:, None, None, None]
    between = (a * real + (1 - a) * made).detach().requires_grad_(True)
    found: Tensor = (_slope(realness, between).norm(dim=1) - 1).square().mean()
    return found


def r1_penalty(realness: Realness, real: Tensor) -> Tensor:
    """Half the mean squared length of the gradient at real faces (Mescheder et al. 2018, equation 9)."""
    at = real.detach().requires_grad_(True)
    return _slope(realness, at).square().sum(1).mean() / 2


def _slope(realness: Realness, at: Tensor) -> Tensor:
    """(n, c * h * w): of each face's summed realness, by its own pixels."""
    (slope,) = torch.autograd.grad(realness(at).sum(), at, create_graph=True)
    return slope.flatten(1)


def strength_loss(logits: Tensor, strength: Tensor, least: float) -> Tensor:
    """Squared distance of the likeliest emotion's probability from the strength asked for, where that is above `least`.

    Args:
        logits: (n, k) of the made faces.
        strength: (n,) 0..1.
    """
    asked = (strength > least).float()
    likeliest = logits.softmax(1).amax(1)
    return (asked * (likeliest - strength).square()).sum() / asked.sum().clamp_min(1)


def divergence(distances: Tensor, logits: Tensor) -> Tensor:
    """Symmetric Kullback-Leibler divergence, the batch's mean: where a code lies against what its face shows.

    Args:
        distances: (n, k) squared Mahalanobis distances of the codes; P = softmax(-distances).
        logits: (n, k) of the made faces; Q = softmax(logits).
    """
    p, q = (-distances).log_softmax(1), logits.log_softmax(1)
    return ((p.exp() - q.exp()) * (p - q)).sum(1).mean()


def class_loss(logits: Tensor, labels: Tensor, free: Tensor) -> Tensor:
    """Cross-entropy over the faces of which an emotion was asked; 0 where there is none."""
    kept = (~free).float()
    each = F.cross_entropy(logits, labels, reduction="none")
    return (kept * each).sum() / kept.sum().clamp_min(1)
