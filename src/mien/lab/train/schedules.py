"""Learning rates by progress."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mien.lab.train.recipe import Recipe, Train

_START, _RISE = 1 / 25, 0.3  # one_cycle begins at this share of the peak and rises for this share of the run


def learning_rate(settings: Train, step: int, steps_an_epoch: int, scores: Sequence[float] = ()) -> float:
    """The rate of a step: linear warm-up, then what the schedule says.

    Args:
        step: from 0, over the whole run.
        scores: validation scores of the epochs behind, higher is better; `plateau` reads them, so that a
            resumed run needs no state of its own.
    """
    if settings.per_epoch:
        step, steps_an_epoch = step // steps_an_epoch, 1
    total = settings.epochs * steps_an_epoch
    if settings.schedule == "one_cycle":
        return _one_cycle(settings, step, total)
    warm = min(total, max(0, round(settings.warmup * steps_an_epoch)))
    if step < warm:
        return settings.lr * (step + 1) / warm
    if settings.schedule == "constant":
        return settings.lr
    if settings.schedule == "linear":
        fallen = (step / max(1, total - 1) - settings.decay_from) / max(1e-9, 1 - settings.decay_from)
        return settings.lr * (1 - (1 - settings.final_lr) * min(1.0, max(0.0, fallen)))
    if settings.schedule == "step":
        return _no_lower(settings, step // steps_an_epoch // settings.step_epochs)
    if settings.schedule == "plateau":
        return _no_lower(settings, plateaus(scores, settings.patience))
    return _cosine(settings.lr, settings.lr * settings.final_lr, (step - warm) / max(1, total - warm))


def _no_lower(settings: Train, falls: int) -> float:
    """The rate after so many falls, never below `min_lr`."""
    return max(settings.lr * settings.factor**falls, min(settings.lr, settings.min_lr))


def _cosine(high: float, low: float, progress: float) -> float:
    return low + (high - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def _one_cycle(settings: Train, step: int, total: int) -> float:
    """Up from lr / 25, then down to `final_lr`, both by cosines (Smith and Topin 2018, step by step as torch)."""
    peak = max(0.0, _RISE * total - 1)
    if step < peak:
        return _cosine(settings.lr * _START, settings.lr, step / peak)
    return _cosine(settings.lr, settings.lr * settings.final_lr, (step - peak) / max(1.0, total - 1 - peak))


def plateaus(scores: Sequence[float], patience: int) -> int:
    """How often `patience` epochs went by without a better score; the count begins anew after each.

    Epochs that were not validated have NaN: they go by too, but the next score tells.
    """
    found = waited = 0
    best = -math.inf
    for score in scores:
        waited += 1
        if score > best:
            best, waited = score, 0
        elif waited > patience and not math.isnan(score):
            found, waited = found + 1, 0
    return found


def has_stalled(scores: Sequence[float], patience: int) -> bool:
    """Whether the last `patience` epochs were all no better than the best before; never for 0."""
    known = [(score, epoch) for epoch, score in enumerate(scores) if not math.isnan(score)]
    if not patience or not known or math.isnan(scores[-1]):
        return False
    best = max(score for score, _ in known)
    first = next(epoch for score, epoch in known if score == best)
    return len(scores) - 1 - first >= patience


def side_at(settings: Train, epoch: int, full: tuple[int, int]) -> tuple[int, int]:
    """Progressive resizing: (height, width) of an epoch's pictures, `full` where the recipe names no size."""
    side = full
    for start, pixels in sorted(settings.sizes):
        if epoch >= start * settings.epochs:
            side = (pixels, round(pixels * full[1] / full[0]))
    return side


def picture_side(recipe: Recipe, epoch: int) -> tuple[int, int]:
    """(height, width) of what the network sees in an epoch: the crop where there is one, else `side_at`."""
    crop = recipe.augment.crop
    return (crop, crop) if crop else side_at(recipe.train, epoch, (recipe.input.height, recipe.input.width))
