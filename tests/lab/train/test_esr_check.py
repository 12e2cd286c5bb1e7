from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("torch")

from mien.errors import MienError
from mien.lab.models.registry import names
from mien.lab.train.esr_check import ARCHITECTURES, problems
from mien.lab.train.recipe import Data, Esr, HeadRecipe, Loss, Model, Recipe, Train
from mien.lab.train.recipe_check import check


def recipe(**changes: Any) -> Recipe:
    return replace(Recipe(method="esr", model=Model("esr9")), **changes)


BOTH = (HeadRecipe(), HeadRecipe(name="affect", kind="valence_arousal"))


def affect(**changes: Any) -> dict[str, Any]:
    return {"esr": Esr(learns="affect"), "heads": BOTH, "init": "runs/e", **changes}


def test_a_plain_one_is_right() -> None:
    check(recipe())
    check(recipe(heads=BOTH))
    check(recipe(**affect()))
    check(recipe(**affect(train=Train(select="affect", metric="ccc"))))
    assert list(problems(Recipe(esr=Esr(gamma=-1)))) == []  # of another method nothing is asked


def test_the_architectures_are_those_with_branches() -> None:
    assert {name for name in names() if name.startswith("esr")} == set(ARCHITECTURES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"method": "supervised", "model": Model("esr9", {"combine": "vote"}), "loss": Loss(sides=False)},
            "hands no gradient on; leave loss.sides on",
        ),
        ({"model": Model("small")}, "model.name = 'small' has no branches"),
        ({"esr": Esr(first_epochs=0)}, "must be 1 or more"),
        ({"esr": Esr(base_lr=-0.1)}, "esr.base_lr = -0.1, expected 0 or more"),
        ({"esr": Esr(diversity="det")}, "'det', expected none or corrected or literal"),
        ({"esr": Esr(bag=4), "data": Data(folds=4)}, "data.folds = 4 leave 3 to learn from"),
        ({"train": Train(lr=0.0)}, "train.lr must be above 0"),
        ({"train": Train(freeze="trunk")}, "train.freeze and train.layer_decay"),
        ({"loss": Loss(centre=0.1)}, "loss.centre is not of method"),
        ({"esr": Esr(learns="valence")}, "esr.learns = 'valence', expected all or affect"),
        (affect(heads=BOTH[:1]), "needs two heads, of kind emotion and valence_arousal; this recipe has emotion"),
        (affect(heads=BOTH[::-1]), "this recipe has valence_arousal, emotion"),
        (affect(init=""), "name their run as init"),
        (affect(train=Train(select="emotion")), "train.select = 'emotion' does not change"),
        (affect(loss=Loss(heads="uncertainty")), "one alone learns"),
    ],
)
def test_what_it_cannot_mean(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(MienError, match=said):
        check(recipe(**changes))
