"""The codes that a generator is trained on: near the emotion that is asked for, and anywhere in between."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from mien.lab.augment.draw import Draw
from mien.lab.gan.space import GaussianSpace, LinearSpace
from mien.runtime.expression_space import NEUTRAL

LEAST = 0.2
"""Strengths of emotions are drawn from here to 1, neutral's from 0 to here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a batch of n faces is to become.

    Attributes:
        codes: (n, d), through which the gradient reaches the space.
        labels: (n,) int64, the emotion asked for; of free samples no emotion is asked for.
        strength: (n,) 0..1, the intensity asked for; NaN in a Gaussian space.
        free: (n,) bool: the code was drawn from the whole space, whatever the label.
    """

    codes: Tensor
    labels: Tensor
    strength: Tensor
    free: Tensor


def linear_codes(space: LinearSpace, labels: Tensor, draw: Draw, *, noise: float, free: float) -> Asked:
    """Along the emotion's axis with a random strength and some noise; a share of the batch in any direction.

    Args:
        labels: (n,) int64, positions in `space.emotions`.
        draw: of the batch.
        noise: deviation of each coordinate.
        free: share of the batch whose direction is random. In three dimensions it is uniform on the sphere; the
            published code draws from the positive octant alone.
    """
    strength = draw.uniform(LEAST, 1.0)
    neutral = space.emotions.index(NEUTRAL)
    strength = torch.where(labels == neutral, (strength - LEAST) / (1 - LEAST) * LEAST, strength)
    codes = strength[:, None] * space.places()[labels] + noise * draw.normal(draw.n, space.dims)
    roaming = torch.arange(draw.n, device=codes.device) < round(free * draw.n)
    codes = torch.where(roaming[:, None], strength[:, None] * _directions(draw, space.dims), codes)
    return Asked(codes, labels, strength, roaming)


def _directions(draw: Draw, dims: int) -> Tensor:
    """(n, d) of length one, uniform on the circle or sphere."""
    angle = draw.uniform(0, 2 * math.pi)
    if dims == 2:
        return torch.stack([angle.cos(), angle.sin()], 1)
    height = draw.uniform(-1, 1)
    flat = (1 - height.square()).clamp_min(0).sqrt()
    return torch.stack([flat * angle.cos(), flat * angle.sin(), height], 1)


def gaussian_codes(space: GaussianSpace, draw: Draw) -> Asked:
    """Sample k at the place of emotion k for all the emotions, the others anywhere in the square or cube.

    Raises:
        ValueError: fewer samples than emotions.
    """
    k = len(space.emotions)
    if draw.n < k:
        raise ValueError(f"{draw.n} faces for {k} emotions' places")
    anywhere = torch.stack([draw.uniform(-1, 1) for _ in range(space.dims)], 1)
    codes = torch.cat([space.places(), anywhere[k:]])
    labels = torch.arange(draw.n, device=codes.device).clamp_max(k - 1)
    roaming = torch.arange(draw.n, device=codes.device) >= k
    return Asked(codes, labels, torch.full((draw.n,), math.nan, device=codes.device), roaming)
