"""What a recipe of method "ganmut" cannot mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from mien.lab.train.recipe import Recipe

GENERATORS = ("ganmut_linear", "ganmut_gaussian")
_WEIGHTS = (
    "penalty", "critic_class", "critic_codes", "adversarial", "cycle", "generator_class", "generator_codes", "strength",
    "means", "identity", "noise", "critic_lr",
)  # fmt: skip

_OTHERS = {
    "train": (
        "swa",
        "freeze",
        "sizes",
        "compile",
        "early_stop",
        "per_epoch",
        "status",
        "layer_decay",
        "metric",
        "select",
        "decay_all",
    ),
    "model": ("weights",),
    "balance": ("class_weights", "focal", "logit_adjustment"),
    "loss": ("centre",),
}


def problems(recipe: Recipe) -> Iterator[str]:
    """In words, one after another."""
    generator = recipe.model.name in GENERATORS
    if recipe.method != "ganmut":
        if generator:
            yield f'model.name = "{recipe.model.name}" is a generator; method = "ganmut" trains it'
        return
    if not generator:
        yield f'method = "ganmut" trains a generator; model.name = {" or ".join(GENERATORS)}, not {recipe.model.name}'
    for name in _WEIGHTS:
        if (value := getattr(recipe.ganmut, name)) < 0:
            yield f"ganmut.{name} = {value:g} cannot be negative"
    if recipe.train.optimiser != "adam" or recipe.train.weight_decay:
        yield 'method "ganmut" learns by Adam without decay: train.optimiser = "adam" and train.weight_decay = 0'
    if recipe.train.schedule == "plateau":
        yield 'train.schedule = "plateau" waits for a score, and a generator has none; take linear or cosine'
    if any(head.label_smoothing for head in recipe.heads):
        yield 'heads.label_smoothing does nothing in method "ganmut"; leave it out'
    if recipe.input.normalise != "symmetric":
        yield 'a generator\'s faces lie in -1..1: input.normalise = "symmetric"'
    if recipe.input.height % 4 or recipe.input.width % 4:
        yield f"a generator halves faces twice: input of {recipe.input.height} x {recipe.input.width} must divide by 4"
    if len(recipe.heads) != 1:
        yield 'method "ganmut" learns from one head, whose labels are the emotions that it edits'
    yield from _unused(recipe)


def _unused(recipe: Recipe) -> Iterator[str]:
    """What other methods know and this one would pass over in silence."""
    for section, names in _OTHERS.items():
        chosen = getattr(recipe, section)
        usual = {f.name: f.default for f in fields(chosen)}
        for name in names:
            if getattr(chosen, name) != usual[name]:
                yield f'{section}.{name} does nothing in method "ganmut"; leave it out'
    if recipe.augment.mixup or recipe.augment.erase or recipe.augment.crop:
        yield 'method "ganmut" learns whole faces: leave augment.mixup, erase and crop out'
