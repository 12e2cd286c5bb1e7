"""Learning rates by progress."""

from __future__ import annotations

import math

from mien.lab.train.recipe import Train


def learning_rate(settings: Train, step: int, steps_an_epoch: int) -> float:
    """The rate of a step: linear warm-up, then what the schedule says."""
    total = settings.epochs * steps_an_epoch
    warm = min(total, max(0, round(settings.warmup * steps_an_epoch)))
    if step < warm:
        return settings.lr * (step + 1) / warm
    if settings.schedule == "constant":
        return settings.lr
    progress = (step - warm) / max(1, total - warm)
    low = settings.lr * settings.final_lr
    return low + (settings.lr - low) * 0.5 * (1 + math.cos(math.pi * progress))


def side_at(settings: Train, epoch: int, full: tuple[int, int]) -> tuple[int, int]:
    """Progressive resizing: (height, width) of an epoch's pictures, `full` where the recipe names no size."""
    side = full
    for start, pixels in sorted(settings.sizes):
        if epoch >= start * settings.epochs:
            side = (pixels, round(pixels * full[1] / full[0]))
    return side
