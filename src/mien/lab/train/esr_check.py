"""Values of [esr], and of the keys that an ESR training reads otherwise, that a recipe cannot mean."""

from __future__ import annotations

from collections.abc import Iterator

from mien.lab.train.diversity import KINDS
from mien.lab.train.esr_affect import KIND, LEARNS
from mien.lab.train.recipe import Recipe

ARCHITECTURES = ("esr9", "esr15", "esrstar9", "esrstar15")
ATTENDING = ("esrstar9", "esrstar15")


def problems(recipe: Recipe) -> Iterator[str]:
    """What is wrong with it, one line each; where `method` is another, next to nothing."""
    votes = recipe.model.name in ARCHITECTURES and recipe.model.options.get("combine") == "vote"
    if recipe.method == "supervised" and votes and not recipe.loss.sides:
        yield 'model.options.combine = "vote" hands no gradient on; leave loss.sides on, so that branches learn'
    if recipe.method != "esr":
        return
    esr, train = recipe.esr, recipe.train
    if recipe.model.name not in ARCHITECTURES:
        yield f'method "esr" trains {", ".join(ARCHITECTURES)}; model.name = {recipe.model.name!r} has no branches'
    yield from _learns(recipe)
    if esr.first_epochs < 1 or esr.epochs < 1:
        yield "esr.first_epochs and esr.epochs must be 1 or more"
    for key in ("base_lr", "old_lr", "per_class", "bag", "diversity_weight", "gamma"):
        if getattr(esr, key) < 0:
            yield f"esr.{key} = {getattr(esr, key)}, expected 0 or more"
    if esr.diversity not in KINDS:
        yield f"esr.diversity = {esr.diversity!r}, expected {' or '.join(KINDS)}"
    if esr.bag and recipe.data.folds and esr.bag >= recipe.data.folds:
        yield f"esr.bag = {esr.bag}: data.folds = {recipe.data.folds} leave {recipe.data.folds - 1} to learn from"
    if train.lr <= 0:
        yield "train.lr must be above 0: the rates of base and old branches are given over it"
    if train.freeze or train.layer_decay != 1:
        yield 'train.freeze and train.layer_decay are not of method "esr": esr.base_lr and esr.old_lr slow and freeze'
    if recipe.loss.centre:
        yield 'loss.centre is not of method "esr": its embedding is that of all branches together'


def _learns(recipe: Recipe) -> Iterator[str]:
    learns, kinds = recipe.esr.learns, [head.kind for head in recipe.heads]
    if learns not in LEARNS:
        yield f"esr.learns = {learns!r}, expected {' or '.join(LEARNS)}"
    if learns != "affect":
        return
    if kinds != ["emotion", KIND]:
        yield f'esr.learns = "affect" needs two heads, of kind emotion and {KIND}; this recipe has {", ".join(kinds)}'
    elif recipe.train.select not in ("", recipe.heads[1].name):
        yield f"train.select = {recipe.train.select!r} does not change; heads.{recipe.heads[1].name} alone learns"
    if not recipe.init:
        yield 'esr.learns = "affect" reads affect from emotions that were learnt: name their run as init'
    if recipe.loss.heads != "fixed":
        yield f'loss.heads = "{recipe.loss.heads}" weighs heads against each other; one alone learns'
