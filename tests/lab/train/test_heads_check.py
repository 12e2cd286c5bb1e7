from __future__ import annotations

import pytest

pytest.importorskip("torch")

from mien.errors import MienError
from mien.lab.train.recipe import Augment, Data, HeadRecipe, Loss, Recipe, Train
from mien.lab.train.recipe_check import check

UNITS = HeadRecipe("units", kind="action_units")
AFFECT = HeadRecipe("affect", kind="valence_arousal")


def test_several_kinds_may_stand_side_by_side() -> None:
    check(
        Recipe(heads=(HeadRecipe(), UNITS, AFFECT, HeadRecipe("i", kind="intensity")), loss=Loss(heads="uncertainty"))
    )
    check(Recipe(heads=(HeadRecipe(), UNITS), train=Train(metric="heads")))
    check(Recipe(heads=(HeadRecipe(), UNITS), train=Train(select="units", metric="average_precision")))


@pytest.mark.parametrize(
    ("recipe", "problem"),
    [
        (Recipe(heads=(HeadRecipe("x", kind="mood"),)), r"heads\.x\.kind = 'mood', expected"),
        (Recipe(heads=(HeadRecipe("x", loss="ccc"),)), "loss = 'ccc'; kind emotion has cross_entropy"),
        (Recipe(heads=(HeadRecipe("x", units=("AU06",)),)), "units is of kind action_units or"),
        (Recipe(heads=(HeadRecipe("x", kind="intensity", background=True),)), "background is of kind action_units"),
        (Recipe(heads=(HeadRecipe("x", kind="action_units", units=("smile",)),)), "unknown action unit 'smile'"),
        (Recipe(heads=(HeadRecipe("x", kind="valence_arousal", activation="relu"),)), "expected tanh or none"),
        (Recipe(heads=(HeadRecipe("x", kind="action_units", margin=1.0),)), "margin of 0 or more, below 1"),
        (Recipe(heads=(HeadRecipe("x", weight=-1.0),)), "weight = -1.0, expected 0 or more"),
        (Recipe(loss=Loss(heads="uncertainty")), "weighs several heads against each other; this recipe has one"),
        (Recipe(heads=(UNITS,), method="byol"), "heads of kind action_units are of methods"),
        (Recipe(heads=(UNITS,), loss=Loss(centre=0.1)), "loss.centre draws faces to their emotion's centre"),
        (Recipe(heads=(UNITS,), augment=Augment(targeted={"disgust": "mirror"})), "this recipe has no emotion head"),
        (Recipe(heads=(HeadRecipe(), UNITS), data=Data(variants="v")), "a made face shows other units"),
        (Recipe(heads=(UNITS,), train=Train(metric="top1")), "train.metric = 'top1'; head units has f1"),
        (Recipe(train=Train(metric="heads")), "this recipe has one"),
    ],
)
def test_what_cannot_be_meant(recipe: Recipe, problem: str) -> None:
    with pytest.raises(MienError, match=problem):
        check(recipe)
