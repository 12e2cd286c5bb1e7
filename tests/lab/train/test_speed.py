from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("accelerate")

from mien.errors import MienError  # noqa: E402
from mien.lab.train.recipe import Augment, HeadRecipe, Model, Recipe, Train  # noqa: E402
from mien.lab.train.speed import SMALL, Speed, TrainingSpeed, measure_training, recipe_to_time  # noqa: E402

ROOT = Path(__file__).parents[3]
TINY = Recipe(
    name="tiny",
    heads=(HeadRecipe("a", "ferplus"), HeadRecipe("b", "fer2013", "hard")),
    model=Model("small", {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 8}),
    augment=Augment(flip=0.5, rotate=10, erase=0.5, mixup=0.2, targeted={"disgust": "mirror"}),
    train=Train(epochs=4, batch=8, sizes=((0.0, 16), (0.5, 24)), precision="fp32"),
)


def speed(*ratios: float) -> TrainingSpeed:
    sides = tuple(Speed(32 + i, 100 * r, 100, r, r) for i, r in enumerate(ratios))
    return TrainingSpeed("r", 8, "cpu", "fp32", False, 1, 1, sides)


def test_each_side_is_timed() -> None:
    seen: list[int] = []
    found = measure_training(TINY, device="cpu", rounds=2, faces=64, on_round=seen.append)
    assert [s.side for s in found.sides] == [16, 24]
    assert seen == [16, 16, 24, 24]
    for side in found.sides:
        assert side.pipeline > 0
        assert side.step > 0
        assert 0 < side.least <= side.ratio
    assert (found.recipe, found.batch, found.precision) == ("tiny", 8, "fp32")


def test_a_crop_is_the_side() -> None:
    plan = replace(TINY, augment=Augment(crop=20, pad=2), train=replace(TINY.train, sizes=()))
    assert [s.side for s in measure_training(plan, device="cpu", rounds=1, faces=32).sides] == [20]


def test_other_methods_are_refused() -> None:
    with pytest.raises(MienError, match=r"times supervised recipes; method = 'byol'"):
        measure_training(replace(TINY, method="byol"))


def test_the_bottleneck_in_words() -> None:
    assert speed(9.0, 3.0).bottleneck == (
        "the training step: at 33 pixels making a batch takes 25 % of the time, the pipeline being 3.0 times as fast"
    )
    assert speed(9.0, 0.25).bottleneck == (
        "the input pipeline: at 33 pixels making a batch takes 80 % of the time; ask less of [augment]"
    )


def test_without_a_recipe_the_work_is_that_of_recipes_small() -> None:
    file = tomllib.loads((ROOT / "recipes" / "small.toml").read_text(encoding="utf-8"))
    for section, ours in (("augment", SMALL.augment), ("input", SMALL.input), ("train", SMALL.train)):
        for key in {"augment": file["augment"], "input": file["input"], "train": {"sizes": 0, "batch": 0}}[section]:
            value = file[section][key]
            assert getattr(ours, key) == (tuple(map(_tuple, value)) if isinstance(value, list) else value), key
    assert SMALL.model.options == file["model"]["options"]
    assert [h.labels for h in SMALL.heads] == [h["labels"] for h in file["heads"]]


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def test_overrides(tmp_path: Path) -> None:
    assert recipe_to_time("", ["train.batch=16"]).train.batch == 16
    assert recipe_to_time("", []).model == SMALL.model
    with pytest.raises(MienError, match=r"unknown recipe key train\.btch; did you mean train\.batch"):
        recipe_to_time("", ["train.btch=16"])
