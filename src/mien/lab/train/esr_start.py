"""Where a stage of an ESR's training begins: at the weights of another run, branch by branch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mien.errors import MienError
from mien.lab.models.esr import Esr
from mien.lab.train.batches import input_statistics
from mien.lab.train.checkpoint import load_weights
from mien.lab.train.recipe import Recipe
from mien.model_spec import COLOURS, Head, ModelSpec


def take(net: Esr, heads: Sequence[Head], file: Path, prefixes: tuple[str, ...]) -> ModelSpec:
    """Load the keys under these prefixes; a head only where it says the same things, affect where both do.

    Args:
        heads: of `net`.
        prefixes: `base.`, `branch.0.` and so on.

    Returns:
        What the file is.

    Raises:
        MienError: a file that lacks one, or has it in another shape.
    """
    tensors, spec = load_weights(file)
    left = _others(heads, spec.heads)
    taken = {}
    for key, own in net.state_dict().items():
        if not key.startswith(prefixes) or any(f".{layer}." in key for layer in left):
            continue
        if key not in tensors:
            raise MienError(f"{file}: lacks {key}; give model.options of that run and at most its branches")
        if tensors[key].shape != own.shape:
            raise MienError(f"{file}: {key} is {tuple(tensors[key].shape)}, this recipe's is {tuple(own.shape)}")
        taken[key] = tensors[key]
    net.load_state_dict(taken, strict=False)
    return spec


def check_kept(recipe: Recipe, heads: Sequence[Head], spec: ModelSpec, file: Path) -> None:
    """Look whether emotions can stay as they are: a trunk that is frozen must see what it learnt from.

    Raises:
        MienError: a run with other emotions, another input, or norms of another kind.
    """
    own, other = heads[0], spec.heads[0]
    if not same_emotions(own, other):
        raise MienError(
            f"{file}: its emotions are {', '.join(other.labels)}, heads.{own.name} here has {', '.join(own.labels)};"
            f" give heads.{own.name}.labels of that run"
        )
    settings = recipe.input
    mean, std = input_statistics(settings)
    facts: dict[str, tuple[object, object]] = {
        "input.height": (spec.height, settings.height),
        "input.width": (spec.width, settings.width),
        "input.colour": (spec.colour, settings.colour),
        "input.mean": (_rounded(spec.mean, spec.channels), _rounded(mean, COLOURS[settings.colour])),
        "input.std": (_rounded(spec.std, spec.channels), _rounded(std, COLOURS[settings.colour])),
        "model.options.statistics": tuple(
            options.get("statistics", "running") for options in (spec.architecture_options, recipe.model.options)
        ),
    }
    for key, (theirs, ours) in facts.items():
        if theirs != ours:
            raise MienError(f"{file}: has {key} = {theirs}, this recipe {ours}; a frozen trunk needs what it learnt by")


def same_emotions(one: Head, other: Head) -> bool:
    """Whether two emotion heads say the same, in the same order."""
    return (one.labels, one.kind, one.members) == (other.labels, other.kind, other.members)


def _others(heads: Sequence[Head], theirs: Sequence[Head]) -> list[str]:
    """The layers that say something else than the file's."""
    if not theirs or not same_emotions(heads[0], theirs[0]):
        return ["fc", "fc_dimensional"]  # affect is read from the emotions' logits
    affect = [[(h.kind, h.labels, h.activation) for h in each[1:]] for each in (heads, theirs)]
    return [] if affect[0] == affect[1] else ["fc_dimensional"]


def _rounded(values: Sequence[float], channels: int) -> tuple[float, ...]:
    return tuple(round(value, 6) for value in (tuple(values) * channels)[:channels])
