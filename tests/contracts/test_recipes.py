"""Every recipe reads, its network can be built for it, and a row of a published table says what was published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from mien.datasets.protocols import names as protocols  # noqa: E402
from mien.lab.gan.beginning import networks  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.recipe import HeadRecipe, Recipe  # noqa: E402
from mien.lab.train.recipe_file import read_recipe  # noqa: E402
from mien.labels import AFFECT, EMOTIONS, SEVEN  # noqa: E402
from mien.model_spec import COLOURS, Head  # noqa: E402

ROOT = Path("recipes")
RECIPES = [path for path in sorted(ROOT.rglob("*.toml")) if not path.name.startswith("ensemble")]
ROWS = [path for path in RECIPES if path.parts[1] in ("fer2013", "jaffe", "ckplus", "study", "esr")]
"""Recipes that stand for a row of a published table, in folders by table."""
LABELS: Mapping[str, tuple[str, ...]] = {
    "fer2013": SEVEN, "jaffe": SEVEN, "rafdb": SEVEN, "ferplus": EMOTIONS, "affectnet": EMOTIONS, "ckplus": SEVEN,
    "synthetic": EMOTIONS, "emfacs-happiness": ("happiness", "neutral"),
}  # fmt: skip
"""As many emotions as these have; CK+ as often shows seven as eight."""
PUBLISHED = re.compile(r"^# Published: (\d+(\.\d+)? % |none\b)", re.MULTILINE)


def called(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def head_of(plan: HeadRecipe) -> Head:
    if plan.kind == "valence_arousal":
        return Head(plan.name, plan.kind, AFFECT, "any", plan.activation or "tanh")
    if plan.kind in ("action_units", "intensity"):
        return Head(plan.name, plan.kind, plan.units, "any", "sigmoid" if plan.kind == "action_units" else "none")
    return Head(plan.name, "emotion", LABELS[plan.labels], "any")  # alike for `cache`


@cache
def _logits(name: str, options: str, heads: tuple[Head, ...], channels: int, height: int, width: int) -> int:
    """Width of a network's logits for two pictures of this size; on no device, so that nothing is computed."""
    with torch.device("meta"):
        net = create(name, heads, channels=channels, height=height, width=width, **_OPTIONS[options])
        return int(net.eval()(torch.zeros(2, channels, height, width)).shape[1])


_OPTIONS: dict[str, dict[str, Any]] = {}


def logits_of(recipe: Recipe) -> int:
    key, size = repr(recipe.model.options), recipe.input
    _OPTIONS[key] = dict(recipe.model.options)
    heads = tuple(head_of(plan) for plan in recipe.heads)
    return _logits(recipe.model.name, key, heads, COLOURS[size.colour], size.height, size.width)


@pytest.mark.parametrize("path", RECIPES, ids=called)
def test_a_recipe_reads_and_its_network_takes_its_pictures(path: Path) -> None:
    recipe = read_recipe(path)
    if recipe.method == "ganmut":
        emotions = tuple(e for e in LABELS[recipe.heads[0].labels] if e not in recipe.data.drop)
        with torch.device("meta"):
            generator, critic = networks(recipe, emotions, torch.device("meta"))
            faces = torch.zeros(2, COLOURS[recipe.input.colour], recipe.input.height, recipe.input.width)
            assert generator(faces, torch.zeros(2, generator.space.dims)).shape == faces.shape
            assert critic(faces).logits.shape == (2, len(emotions))
        if path.name.startswith("affectnet"):  # what was published
            assert count_parameters(generator) in (8_421_138, 8_421_155)
            assert count_parameters(critic) == 44_794_816
        return
    assert logits_of(recipe) == sum(len(head_of(plan).labels) for plan in recipe.heads)
    assert recipe.data.protocol in ("", *protocols())


@pytest.mark.parametrize("path", ROWS, ids=called)
def test_a_row_of_a_published_table_says_what_was_published_and_where_it_starts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header = text[: text.index("\nname = ")]
    assert all(line.startswith("#") for line in header.splitlines())
    for word in ("Published", "Weights", "What differs"):
        assert len(re.findall(rf"^# {word}: \S", header, re.MULTILINE)) == 1, word
    assert PUBLISHED.search(header)
    recipe = read_recipe(path)
    assert recipe.model.weights == ("imagenet" if re.search(r"^# Weights: ImageNet", header, re.MULTILINE) else "")
    assert recipe.data.validation in ("PublicTest", "Validation")  # never what is reported


def test_no_two_recipes_have_one_name() -> None:
    names = [read_recipe(path).name for path in RECIPES]
    assert sorted(names) == sorted(set(names))


def test_the_table_of_recipes_holds_each_row_with_its_figure() -> None:
    """docs/recipes.md."""
    table = dict(
        re.findall(r"\]\(\.\./(recipes/\S+\.toml)\) \| (none|[\d.]+ %) \|", Path("docs/recipes.md").read_text())
    )
    told = {path.as_posix(): PUBLISHED.search(path.read_text(encoding="utf-8")) for path in ROWS}
    assert table == {path: found.group(1).strip() for path, found in told.items() if found}
