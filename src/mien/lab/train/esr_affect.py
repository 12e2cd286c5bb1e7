"""Valence and arousal of an ESR: what a recipe leaves open about them, which parts learn, how branches are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.heads.head_kind import kind_of
from mien.lab.models.esr import Esr
from mien.lab.train.recipe import HeadRecipe, Recipe
from mien.model_spec import Head

LEARNS = ("all", "affect")
KIND = "valence_arousal"


def resolved(recipe: Recipe) -> Recipe:
    """A recipe whose head of valence and arousal is the paper's where it says nothing else.

    Its loss is the sum of both RMSEs, its values are the layer's own, without a tanh (Siqueira et al. 2020,
    section "Continuous affect"). Where affect alone learns, epochs are chosen, and faces evened out, by it.
    """
    heads = tuple(_as_published(plan) if plan.kind == KIND else plan for plan in recipe.heads)
    recipe = replace(recipe, heads=heads)
    if recipe.esr.learns != "affect":
        return recipe
    name = affect_plan(recipe).name
    train = replace(recipe.train, select=name, metric=recipe.train.metric or "negative_rmse")
    return replace(recipe, train=train, balance=replace(recipe.balance, head=recipe.balance.head or name))


def affect_plan(recipe: Recipe) -> HeadRecipe:
    """The head of valence and arousal.

    Raises:
        MienError: a recipe without one.
    """
    for plan in recipe.heads:
        if plan.kind == KIND:
            return plan
    raise MienError(f'esr.learns = "affect" needs a head of kind {KIND}, behind the emotion head')


def learning(recipe: Recipe) -> list[HeadRecipe]:
    """The heads that have a loss."""
    return [plan for plan in recipe.heads if recipe.esr.learns == "all" or plan.kind == KIND]


def affect_layers(net: Esr) -> list[nn.Module]:
    """Each branch's layer from rectified emotion logits to valence and arousal."""
    return [branch.fc_dimensional for branch in net.voters() if branch.fc_dimensional is not None]


def branch_errors(said: Sequence[Tensor], target: Tensor, weight: Tensor, hard: Tensor, head: Head) -> dict[str, float]:
    """Columns of log.csv: each branch's RMSE, the mean of valence's and arousal's as in `val_negative_rmse`.

    Args:
        said: (n, 2) of each branch, its layer's own values.
        target, weight, hard: of the validation faces, see `HeadKind.scores`.
    """
    scores = (kind_of(KIND).scores(each, target, weight, hard, head) for each in said)
    return {f"val_rmse_branch_{k}": -each["negative_rmse"] for k, each in enumerate(scores, 1)}


def _as_published(plan: HeadRecipe) -> HeadRecipe:
    return replace(plan, loss=plan.loss or "rmse", activation=plan.activation or "none")
