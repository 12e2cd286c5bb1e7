"""Fitting a recipe's schedule into a time: its step and epoch measured here first, then epochs and steps set."""

from __future__ import annotations

import math
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.train.recipe import Recipe
from mien.lab.train.run import train
from mien.lab.train.splits import training_and_validation

LOSS = 10  # from so many whole epochs on, the last that does not fit is left away: at most a tenth of the time
ASIDE = 0.15  # share of the time that validating and saving may take where epochs are cut shorter


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one training step, and of what an epoch takes beside its steps: validating and saving."""

    step: float
    epoch: float


class _Enough(Exception):  # noqa: N818 - nothing went wrong
    """Ends a run that was only timed."""


def measure(recipe: Recipe, faces: FaceSet, device: str, seconds: float) -> Cost:
    """Train two short epochs in a folder that is thrown away and time the second, after everything warmed up.

    Epochs are lengthened until their steps took a twentieth of `seconds` or two seconds, whichever is less.
    """
    steps, wanted = 2, min(2.0, seconds / 20)
    while True:
        cost = _measured(recipe, faces, device, steps)
        if cost.step * steps >= wanted or steps >= 200:
            return cost
        steps = min(200, math.ceil(wanted / max(cost.step, 1e-4)) + 1)


def _measured(recipe: Recipe, faces: FaceSet, device: str, steps: int) -> Cost:
    settings = replace(recipe.train, epochs=2, steps=steps, early_stop=0, validate_every=1)
    marks: list[tuple[float, dict[str, Any]]] = []

    def mark(row: dict[str, Any]) -> None:
        marks.append((perf_counter(), row))
        if len(marks) == 2:
            raise _Enough

    with tempfile.TemporaryDirectory() as folder, suppress(_Enough):
        train(replace(recipe, train=settings), faces, f"{folder}/run", device=device, quiet=True, on_epoch=mark)
    step = recipe.train.batch / marks[1][1]["faces_per_s"]
    return Cost(step, max(0.0, marks[1][0] - marks[0][0] - steps * step))


def fit(seconds: float, cost: Cost, natural: int, most: int) -> tuple[int, int]:
    """Epochs, and steps an epoch (0: the recipe's own), that fill a time and no more.

    Args:
        natural: steps of one of the recipe's own epochs.
        most: epochs that the recipe asks for; never exceeded with whole epochs.
    """
    whole = int(seconds / (cost.epoch + natural * cost.step))
    if whole >= most:
        return most, 0
    if whole >= LOSS:
        return whole, 0
    epochs = max(whole + 1, min(LOSS, int(ASIDE * seconds / cost.epoch) if cost.epoch else LOSS))
    while epochs > 1 and seconds / epochs - cost.epoch < cost.step:
        epochs -= 1
    return epochs, max(1, int((seconds / epochs - cost.epoch) / cost.step))


def budget_overrides(recipe: Recipe, faces: FaceSet, device: str, minutes: float) -> tuple[list[str], Cost]:
    """`--set` overrides that make a recipe's training last so long on this machine, and what was measured.

    Raises:
        MienError: a method whose epochs are not `train.epochs` alone.
    """
    if recipe.method == "esr":
        raise MienError(
            "--minutes is not dealt out over branches; set esr.first_epochs and esr.epochs with --set, and --minutes 0"
        )
    cost = measure(recipe, faces, device, 60 * minutes)
    training, _ = training_and_validation(recipe, faces)
    natural = recipe.train.steps or max(1, len(training) // recipe.train.batch)
    epochs, steps = fit(60 * minutes, cost, natural, recipe.train.epochs)
    out = [f"train.epochs={epochs}"] + ([f"train.steps={steps}"] if steps else [])
    if recipe.train.warmup > epochs / 5:  # else a short run would be nothing but warm-up
        out.append(f"train.warmup={epochs / 10:g}")
    if recipe.train.early_stop:  # its epochs are cut shorter, and all recipes get the same time
        out.append("train.early_stop=0")
    return out, cost
