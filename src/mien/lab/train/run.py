"""`train`: any training that a recipe can name."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.state import AcceleratorState

from mien.datasets.emfacs import with_derived
from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.train.device import pick_device, pick_precision
from mien.lab.train.loop import Loop
from mien.lab.train.memory import keep_freed_memory
from mien.lab.train.method import Method
from mien.lab.train.recipe import Recipe
from mien.lab.train.run_folder import RunFolder
from mien.model_spec import ModelSpec


@dataclass(slots=True)
class Trained:
    """How a run ended: its folder, its ModelSpec, and a dict an epoch as in log.csv."""

    folder: Path
    spec: ModelSpec
    log: list[dict[str, Any]]


def train(
    recipe: Recipe,
    faces: FaceSet,
    out: str | Path,
    *,
    device: str = "auto",
    resume: bool = False,
    quiet: bool = False,
    on_epoch: Callable[[dict[str, Any]], None] | None = None,
) -> Trained:
    """Train as the recipe says and write the run's folder.

    Under `accelerate launch` every process calls this with the same arguments.

    Args:
        on_epoch: called on the main process with log.csv's row after each epoch, when it is saved; may raise.

    Raises:
        MienError: data that the recipe does not fit, a folder in use, or a loss that is no number any more.
    """
    faces = with_derived(faces, schemes_of(recipe))
    if recipe.method == "esr":
        from mien.lab.train.esr_stages import Stages

        accelerator, bf16 = _place(recipe, device)
        stages = Stages(recipe, faces, out, accelerator, bf16=bf16, resume=resume, quiet=quiet, on_epoch=on_epoch)
        return Trained(stages.folder.path, *stages.run())
    if recipe.method == "ganmut":
        from mien.lab.gan.training import GanTraining

        accelerator, bf16 = _place(recipe, device)
        gan = GanTraining(recipe, faces, out, accelerator, bf16=bf16, resume=resume, quiet=quiet, on_epoch=on_epoch)
        log = gan.run()
        return Trained(gan.folder.path, gan.spec, log)
    method, accelerator, bf16 = set_up(recipe, faces, device, quiet=quiet)
    loop = Loop(method, RunFolder(out), accelerator, bf16=bf16, resume=resume, quiet=quiet, on_epoch=on_epoch)
    log = loop.run()
    return Trained(loop.folder.path, loop.spec, log)


def set_up(recipe: Recipe, faces: FaceSet, device: str, *, quiet: bool = True) -> tuple[Method, Accelerator, bool]:
    """A recipe's freshly initialised method, where it runs, and whether that multiplies in bf16.

    Raises:
        MienError: data that the recipe does not fit, or a batch that the processes cannot share evenly.
    """
    accelerator, bf16 = _place(recipe, device)
    faces = with_derived(faces, schemes_of(recipe))
    return _method(recipe, faces, accelerator, bf16, quiet), accelerator, bf16


def schemes_of(recipe: Recipe) -> tuple[str, ...]:
    """The label schemes that a recipe names."""
    named = [plan.labels for plan in recipe.heads if plan.kind in ("emotion", "emotion_units")]
    return tuple(dict.fromkeys([*named, *filter(None, [recipe.data.holdout_labels])]))


def _place(recipe: Recipe, device: str) -> tuple[Accelerator, bool]:
    """Where a recipe runs, and whether that multiplies in bf16."""
    alone = int(os.environ.get("WORLD_SIZE", "1")) == 1  # else the processes' group is made once and stays
    AcceleratorState._reset_state(reset_partial_state=alone)  # one process may train more than once
    where = pick_device(device)
    if where.type == "cpu":
        keep_freed_memory()
    bf16 = pick_precision(recipe.train.precision, where) == "bf16"
    accelerator = Accelerator(mixed_precision="bf16" if bf16 else "no", cpu=where.type == "cpu")
    if recipe.train.batch % accelerator.num_processes:
        raise MienError(
            f"train.batch = {recipe.train.batch} does not divide by {accelerator.num_processes} processes;"
            f" make it {recipe.train.batch // accelerator.num_processes * accelerator.num_processes or 1}"
        )
    return accelerator, bf16


def _method(recipe: Recipe, faces: FaceSet, accelerator: Accelerator, bf16: bool, quiet: bool) -> Method:
    if recipe.method == "ganmut":
        raise MienError('method "ganmut" has two losses that answer each other: no rate to find, no step to time')
    if recipe.method == "byol":
        from mien.lab.train.byol import Byol

        return Byol(recipe, faces, accelerator, bf16)
    if recipe.method == "esr":  # its first stage
        from mien.lab.train.esr import EsrStage, Stage

        return EsrStage(recipe, faces, accelerator, bf16, Stage(1))
    if recipe.method == "distil":
        from mien.lab.train.distil import Distillation

        return Distillation(recipe, faces, accelerator, bf16, quiet)
    from mien.lab.train.supervised import Supervised

    return Supervised(recipe, faces, accelerator, bf16)
