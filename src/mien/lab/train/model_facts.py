"""The ModelSpec of a network that a recipe is about to train."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import torch

from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import TRAINING
from mien.datasets.protocols import find
from mien.errors import MienError
from mien.lab.models.face_net import FaceNet, count_parameters, output_widths
from mien.lab.models.pretrained import WITHOUT_FACES, start_from_published
from mien.lab.models.registry import create
from mien.lab.train.batches import input_statistics
from mien.lab.train.provenance import commit, versions
from mien.lab.train.recipe import Data, Recipe
from mien.lab.train.variants import made_facts
from mien.model_spec import COLOURS, Head, ModelSpec


def make_net(recipe: Recipe, heads: Sequence[Head], device: torch.device) -> FaceNet:
    """The recipe's network, freshly initialised by its seed, in the layout that convolves fastest."""
    torch.manual_seed(recipe.seed)
    settings = recipe.input
    net = create(
        recipe.model.name,
        heads,
        channels=COLOURS[settings.colour],
        height=settings.height,
        width=settings.width,
        **recipe.model.options,
    )
    if recipe.model.weights:
        fresh = start_from_published(net, recipe.model.name, recipe.model.weights)
        if fresh and recipe.model.weights not in WITHOUT_FACES:
            print(f"mien: model.weights: {', '.join(fresh)} start from random", file=sys.stderr)  # noqa: T201
    _check_crop(recipe, net)
    placed: FaceNet = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return placed


def _check_crop(recipe: Recipe, net: FaceNet) -> None:
    """Raise MienError where `augment.crop` makes pictures that the network cannot take."""
    side, settings = recipe.augment.crop, recipe.input
    if not side or (side, side) == (settings.height, settings.width):
        return
    was_training = net.training
    try:
        with torch.no_grad():
            net.eval()(torch.zeros(1, COLOURS[settings.colour], side, side))
    except RuntimeError as error:
        raise MienError(
            f"augment.crop = {side}: {recipe.model.name} takes pictures of {settings.height} x {settings.width} alone;"
            f" set input.height and input.width to {side}, with augment.pad to move the face about"
        ) from error
    net.train(was_training)


def _cut_by(data: Data) -> dict[str, Any]:
    """What a run that a protocol cut says of it: a leaky one's scores stand beside no honest one's."""
    protocol = find(data.protocol)
    told = {"name": protocol.name, "fold": data.fold, "honest": protocol.honest, "leak": protocol.leak}
    return {"train": TRAINING, "validation": f"{protocol.name}, fold {data.fold}", "protocol": told}


def training_facts(recipe: Recipe, faces: FaceSet, rows: tuple[int, int], precision: str) -> dict[str, Any]:
    """Where a network comes from: `ModelSpec.training`.

    Args:
        rows: how many faces it learns from, and how many it is chosen on.
    """
    data = recipe.data
    cut = f"fold {data.fold} of {data.folds}" if data.folds else f"holdout {data.holdout}"
    training = {
        "data": faces.name,
        "data_sha256": faces.content or faces.digest(),
        "train": data.train,
        "n_train": rows[0],
        "validation": cut if data.folds or data.holdout else data.validation,
        "n_validation": rows[1],
        "recipe": recipe.name,
        "method": recipe.method,
        "seed": recipe.seed,
        "precision": precision,
        "commit": commit(),
        "versions": versions(),
    }
    start = {"init": recipe.init, "weights": recipe.model.weights}
    cut_away = {"exclude": data.exclude, "drop": list(data.drop), "merge": dict(data.merge)}
    training |= {key: value for key, value in (start | cut_away | made_facts(data)).items() if value}
    if data.protocol:
        training |= _cut_by(data)
    return training


def model_spec(
    recipe: Recipe, net: FaceNet, heads: tuple[Head, ...], faces: FaceSet, rows: tuple[int, int], precision: str
) -> ModelSpec:
    """What a user of the network must know, and where it comes from.

    Args:
        rows: how many faces it learns from, and how many it is chosen on.
    """
    settings = recipe.input
    mean, std = input_statistics(settings)
    return ModelSpec(
        name=recipe.name,
        architecture=recipe.model.name,
        architecture_options=dict(recipe.model.options),
        heads=heads,
        height=settings.height,
        width=settings.width,
        colour=settings.colour,
        mean=mean,
        std=std,
        parameters=count_parameters(net),
        **output_widths(net, len(mean), settings.height, settings.width),
        branches=net.branches,
        licence=recipe.licence,
        training=training_facts(recipe, faces, rows, precision),
    )
