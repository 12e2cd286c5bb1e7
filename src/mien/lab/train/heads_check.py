"""Values of [[heads]], and of what is chosen by them, that a recipe cannot mean."""

from __future__ import annotations

from collections.abc import Iterator

from mien.errors import MienError
from mien.lab.heads.head_kind import kind_of, names
from mien.lab.train.recipe import HeadRecipe, Recipe
from mien.labels import action_unit

ALL_HEADS = "heads"
"""The word of train.metric that chooses by every head."""
_OF_KINDS = {
    "units": ("action_units", "emotion_units", "intensity"),
    "background": ("action_units",),
    "activation": ("valence_arousal",),
}


def problems(recipe: Recipe) -> Iterator[str]:
    """What is wrong with it, one line each."""
    for head in recipe.heads:
        if head.kind not in names():
            yield f"heads.{head.name}.kind = {head.kind!r}, expected {', '.join(names())}"
            return
        yield from _head(head)
    chosen = next((head for head in recipe.heads if head.name == recipe.train.select), recipe.heads[0])
    if recipe.loss.centre and chosen.kind != "emotion":
        yield f"loss.centre draws faces to their emotion's centre; head {chosen.name} says {chosen.kind}"
    kinds = {head.kind for head in recipe.heads}
    if recipe.method != "supervised" and kinds - {"emotion"} and recipe.method != "esr":
        yield f'heads of kind {sorted(kinds - {"emotion"})[0]} are of methods "supervised" and "esr"'
    if recipe.loss.heads != "fixed" and len(recipe.heads) < 2:
        yield f'loss.heads = "{recipe.loss.heads}" weighs several heads against each other; this recipe has one'
    emotional = any(head.kind in ("emotion", "emotion_units") for head in recipe.heads)
    if not emotional and (recipe.augment.targeted or recipe.data.variants or recipe.data.more):
        yield "augment.targeted, data.variants and data.more go by emotions; this recipe has no emotion head"
    if (recipe.data.variants or recipe.data.more) and kinds - {"emotion"}:
        yield "data.variants and data.more: a made face shows other units, and another affect, than the one it is of"
    yield from _metric(recipe)


def _head(head: HeadRecipe) -> Iterator[str]:
    losses = kind_of(head.kind).losses
    if head.loss and head.loss not in losses:
        yield f"heads.{head.name}.loss = {head.loss!r}; kind {head.kind} has {', '.join(losses)}"
    for key, kinds in _OF_KINDS.items():
        if getattr(head, key) and head.kind not in kinds:
            yield f"heads.{head.name}.{key} is of kind {' or '.join(kinds)}"
    for unit in head.units:
        try:
            action_unit(unit)
        except MienError as error:
            yield f"heads.{head.name}.units: {error}"
    if head.activation not in ("", "tanh", "none"):
        yield f"heads.{head.name}.activation = {head.activation!r}, expected tanh or none"
    if min(head.gamma_positive, head.gamma_negative) < 0 or not 0 <= head.margin < 1:
        yield f"heads.{head.name}: gammas of 0 or more and a margin of 0 or more, below 1"
    if head.weight < 0:
        yield f"heads.{head.name}.weight = {head.weight}, expected 0 or more"


def _metric(recipe: Recipe) -> Iterator[str]:
    metric = recipe.train.metric
    if recipe.method not in ("supervised", "esr") or not recipe.heads or not metric:
        return
    if metric == ALL_HEADS:
        if len(recipe.heads) < 2:
            yield 'train.metric = "heads" is the mean of several heads\' scores; this recipe has one'
        return
    chosen = next((head for head in recipe.heads if head.name == recipe.train.select), recipe.heads[0])
    known = kind_of(chosen.kind).metrics
    if metric not in known:
        yield f"train.metric = {metric!r}; head {chosen.name} has {', '.join(known)}"
