from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("torch")

from mien.errors import MienError
from mien.lab.train.recipe import HeadRecipe, Recipe
from mien.lab.train.recipe_check import CHOICES, RANGES, check


def changed(**values: Any) -> Recipe:
    """The default recipe with `section__field=value` changed."""
    recipe = Recipe()
    for key, value in values.items():
        section, _, name = key.partition("__")
        part = replace(getattr(recipe, section), **{name: value}) if name else value
        recipe = replace(recipe, **{section: part})
    return recipe


def test_the_defaults_can_be_meant() -> None:
    check(Recipe())


@pytest.mark.parametrize("key", CHOICES)
def test_every_choice_names_what_it_may_be(key: str) -> None:
    section, name = key.split(".")
    with pytest.raises(MienError, match=rf"^file: {section}\.{name} = 'odd', expected ") as caught:
        check(changed(**{f"{section}__{name}": "odd"}), "file")
    assert all((word or "''") in str(caught.value) for word in CHOICES[key])
    assert getattr(getattr(Recipe(), section), name) in CHOICES[key]


@pytest.mark.parametrize("key", RANGES)
def test_every_range_holds_its_default_and_ends(key: str) -> None:
    section, name = key.split(".")
    least, most = RANGES[key]
    assert least <= getattr(getattr(Recipe(), section), name) <= most
    for value in (least - 1, most + 1):
        if value not in (least, most):
            with pytest.raises(MienError, match=rf"{section}\.{name} = .*expected {least:g}"):
                check(changed(**{f"{section}__{name}": value}))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"method": "magic"}, r"method 'magic'; this version knows supervised"),
        ({"heads": ()}, "heads need at least one"),
        ({"heads": (HeadRecipe(), HeadRecipe())}, "each with a name of its own"),
        ({"heads": (HeadRecipe(target="votes"),)}, r"heads\.emotion\.target = 'votes', expected soft or hard"),
        ({"heads": (HeadRecipe(label_smoothing=1.0),)}, r"heads\.emotion\.label_smoothing = 1\.0"),
        ({"train__select": "seven"}, r"train\.select = 'seven' is no head: emotion"),
        ({"balance__head": "seven"}, r"balance\.head = 'seven' is no head: emotion"),
        ({"input__mean": (0.5, 0.5)}, "input.mean and input.std need 1 values for grey"),
        ({"input__colour": "rgb", "input__std": (1.0, 1.0)}, "need 3 values for rgb, or one for all"),
        ({"data__validation": "PrivateTest"}, "'PrivateTest' is a test split; choose epochs on PublicTest"),
        ({"data__validation": ""}, r"name data\.validation, or cut a data\.holdout"),
        ({"data__train": ""}, r"data\.train = '' would learn the rows of data\.validation = 'PublicTest' too"),
        ({"data__train": "PublicTest"}, "would learn the rows of"),
        ({"data__holdout": 0.2, "data__folds": 5}, "both cut the training split; take one"),
        ({"data__holdout": 1.0}, r"data\.holdout = 1\.0, expected a share below 1"),
        ({"data__folds": 1}, "expected 0 <= fold < folds"),
        ({"data__folds": 5, "data__fold": 5}, r"data\.fold = 5 of data\.folds = 5"),
        ({"data__protocol": "lose"}, r"data\.protocol = 'lose'; this version knows bp4d, ck-random"),
        ({"data__protocol": "loso", "data__fold": 10}, r"data\.fold = 10; protocol loso has 0\.\.9"),
        ({"data__protocol": "loso", "data__holdout": 0.1}, "leave data.holdout and data.folds out"),
        ({"data__fraction": 0.0}, r"data\.fraction = 0\.0, expected a share above 0"),
        ({"method": "byol", "data__variants": "made"}, r"takes byol\.variants"),
        ({"method": "ganmut", "data__more": "made"}, r"leave data\.variants and data\.more out"),
        ({"train__epochs": 0}, r"train\.epochs must be 1 or more"),
        ({"train__batch": 1}, r"train\.batch 2 or more"),
        ({"train__unfreeze": (0.5,)}, r'train\.unfreeze needs train\.freeze = "trunk"'),
        ({"train__ema": 0.9, "train__swa": 0.5}, "both average the weights; take one"),
        ({"train__decoupled": True}, r"train\.decoupled is of radam alone; sgd"),
        ({"train__swa": 1.0}, r"train\.swa = 1\.0, expected the share"),
        ({"train__layer_decay": 0.0}, r"train\.layer_decay = 0\.0, expected a factor above 0"),
        ({"balance__beta": 1.0}, r"balance\.beta = 1\.0"),
        ({"balance__focal": -1.0}, "cannot be negative"),
        ({"balance__logit_adjustment": -1.0}, "cannot be negative"),
        ({"augment__resized_crop": (0.5,)}, r"augment\.resized_crop = \[0\.5\], expected two shares"),
    ],
)
def test_what_cannot_be_meant_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(MienError, match=message) as caught:
        check(changed(**values), "r.toml")
    assert str(caught.value).startswith("r.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"data__train": "", "data__holdout": 0.1},
        {"data__validation": "", "data__folds": 2, "data__fold": 1},
        {"data__validation": "", "data__holdout": 0.2},
        {"train__freeze": "trunk", "train__unfreeze": (0.5,)},
        {"input__colour": "rgb", "input__mean": (0.5, 0.4, 0.3), "input__std": (0.2,)},
    ],
)
def test_what_can_be_meant_passes(values: dict[str, Any]) -> None:
    check(changed(**values))
