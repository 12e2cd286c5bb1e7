"""Which learning rate: a short sweep from small to large rates on a fresh model (Smith 2017, section 3.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.train.freezing import learning_stages, set_learning
from mien.lab.train.optimisers import make_optimiser, set_rate
from mien.lab.train.recipe import Recipe
from mien.lab.train.run import set_up
from mien.lab.train.schedules import picture_side

Floats = NDArray[np.float64]

_MEMORY = 0.9  # of the running mean that tells when to end
_DIVERGED = 4.0  # times the least running mean so far: the sweep ends
_LEAST_STEPS = 20
_HALF = 0.5  # decades on either side of a rate over which its loss and slope are taken
_SURE = 3.0  # standard errors by which a slope must fall


@dataclass(frozen=True, slots=True)
class RateCurve:
    """A sweep: one entry a step, as far as it came.

    Attributes:
        rates: learning rates, rising by the same factor from step to step.
        losses: the loss of the batch that each step learnt from, before it.
        smoothed: their mean over the decade around each rate.
        suggestion: the rate around which the loss falls fastest per decade; a `train.lr` to begin with.
        tenth: a tenth of the rate with the least smoothed loss, the other rule in use.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    suggestion: float
    tenth: float


def find_rate(
    recipe: Recipe, faces: FaceSet, *, low: float = 1e-5, high: float = 3.0, steps: int = 250, device: str = "auto"
) -> RateCurve:
    """Train a fresh model of the recipe for a few steps, the rate rising from `low` to `high`, and keep nothing.

    Data, augmentation, balance, optimiser and frozen stages are the recipe's; its schedule is not used. The
    sweep ends where the loss's running mean is four times its least, or no number.

    Args:
        steps: 20 or more; a step learns from one batch, and epochs follow on each other where one is too short.

    Raises:
        MienError: rates that do not rise, too few steps, or a loss that falls nowhere.
    """
    if not 0 < low < high or steps < _LEAST_STEPS:
        raise MienError(
            f"a sweep from {low:g} to {high:g} in {steps} steps; take 0 < low < high, and {_LEAST_STEPS} steps or more"
        )
    method, accelerator, _ = set_up(recipe, faces, device)
    method.model.train()
    stages = len(method.net.stages())
    learning = learning_stages(recipe.train, 0, stages)
    if learning < stages:
        set_learning(method.net, learning)
    optimiser = make_optimiser(method.model, recipe.train)
    model, prepared = accelerator.prepare(method.model, optimiser)
    torch.manual_seed(recipe.seed)  # dropout's draws
    rates: list[float] = []
    losses: list[float] = []
    # pictures as large as the first epoch's
    batches = method.endless(picture_side(recipe, 0), (accelerator.process_index, accelerator.num_processes))
    for step, batch in enumerate(islice(batches, steps)):
        rate = low * (high / low) ** (step / (steps - 1))
        set_rate(optimiser, rate)
        loss = method.loss(model, batch)
        found = float(accelerator.reduce(loss.detach(), "mean"))
        rates.append(rate)
        losses.append(found)
        if _has_diverged(losses):
            break
        accelerator.backward(loss)
        if recipe.train.grad_clip:
            accelerator.clip_grad_norm_(method.model.parameters(), recipe.train.grad_clip)
        prepared.step()
        prepared.zero_grad(set_to_none=True)
        method.after_step((step + 1) / steps)
    return read_curve(rates, losses)


def read_curve(rates: Sequence[float], losses: Sequence[float]) -> RateCurve:
    """Smooth a sweep's losses and find the two rates.

    Raises:
        MienError: a loss that falls nowhere by more than its batches differ.
    """
    finite = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
    rates, losses = rates[:finite], losses[:finite]
    smoothed, slope, error = _around(np.log10(np.asarray(rates, np.float64)), np.asarray(losses, np.float64))
    least = int(np.argmin(smoothed)) if finite else 0
    falls = np.flatnonzero(slope[: least + 1] < -_SURE * error[: least + 1])
    if not len(falls):
        raise MienError(
            "the loss falls at no rate of the sweep by more than its batches differ; take more steps or a larger"
            " train.batch, or look at the data and the labels"
        )
    steepest = int(falls[np.argmin(slope[falls])])
    return RateCurve(tuple(rates), tuple(losses), tuple(map(float, smoothed)), rates[steepest], rates[least] / 10)


def _running_mean(losses: Sequence[float]) -> Floats:
    """(n,) exponential means, each divided by the weight it holds, so that the first ones are not too small."""
    out, mean = np.empty(len(losses)), 0.0
    for i, loss in enumerate(losses):
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        out[i] = mean / (1 - _MEMORY ** (i + 1))
    return out


def _around(decades: Floats, losses: Floats) -> tuple[Floats, Floats, Floats]:
    """(n,) mean of the losses in the decade around each rate, their slope per decade and its standard error.

    Slopes are NaN where the sweep does not hold the whole decade: there are too few points to tell.
    """
    n = len(losses)
    smoothed, slope, error = np.empty(n), np.full(n, np.nan), np.full(n, np.nan)
    held = np.minimum(losses, 2 * np.median(losses)) if n else losses  # one loss that jumped bends no whole decade
    for i, centre in enumerate(decades):
        near = np.abs(decades - centre) <= max(_HALF, 2.5 * (decades[1] - decades[0]))
        x, y = decades[near] - centre, held[near]
        smoothed[i] = y.mean()
        whole = centre - _HALF >= decades[0] - 1e-9 and centre + _HALF <= decades[-1] + 1e-9
        if whole and len(x) > 2:
            slope[i], base = np.polyfit(x, y, 1)
            left = ((y - slope[i] * x - base) ** 2).sum() / (len(x) - 2)
            error[i] = math.sqrt(left / ((x - x.mean()) ** 2).sum())
    return smoothed, slope, error


def _has_diverged(losses: Sequence[float]) -> bool:
    if not math.isfinite(losses[-1]):
        return True
    means = _running_mean(losses)
    return len(losses) > _LEAST_STEPS and bool(means[-1] > _DIVERGED * means.min())
