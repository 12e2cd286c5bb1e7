from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")

from mien.lab.gan.generator import BUILDERS
from mien.lab.train.ganmut_check import GENERATORS, problems
from mien.lab.train.recipe import Augment, Balance, Ganmut, HeadRecipe, Input, Model, Recipe, Train

GOOD = Recipe(
    method="ganmut",
    model=Model("ganmut_linear"),
    input=Input(normalise="symmetric"),
    train=Train(optimiser="adam", weight_decay=0.0),
)


def test_the_generators_are_those_that_can_be_built() -> None:
    assert set(GENERATORS) == set(BUILDERS)


def test_a_good_recipe_has_no_problem() -> None:
    assert list(problems(GOOD)) == []
    assert list(problems(Recipe())) == []


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (replace(GOOD, method="supervised"), "is a generator"),
        (replace(GOOD, model=Model("small")), "ganmut_linear or ganmut_gaussian, not small"),
        (replace(GOOD, ganmut=Ganmut(cycle=-1)), "ganmut.cycle = -1 cannot be negative"),
        (replace(GOOD, train=Train(optimiser="adam")), "train.weight_decay = 0"),
        (replace(GOOD, train=replace(GOOD.train, swa=0.5)), "train.swa does nothing"),
        (replace(GOOD, balance=Balance(focal=2.0)), "balance.focal does nothing"),
        (replace(GOOD, input=Input()), "symmetric"),
        (replace(GOOD, input=Input(height=46, normalise="symmetric")), "46 x 48 must divide by 4"),
        (replace(GOOD, heads=(HeadRecipe(), HeadRecipe("b"))), "one head"),
        (replace(GOOD, augment=Augment(mixup=0.2)), "leave augment.mixup"),
    ],
)
def test_what_cannot_be_meant_is_told(bad: Recipe, told: str) -> None:
    found = list(problems(bad))
    assert len(found) == 1
    assert told in found[0]
