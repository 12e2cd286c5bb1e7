from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.gan.beginning import adam, generator_spec, labelled, networks  # noqa: E402
from mien.lab.gan.generator import load_generator  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.lab.train.recipe import Ganmut, HeadRecipe, Input, Model, Recipe, Train  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

CPU = torch.device("cpu")
RECIPE = Recipe(
    name="tiny",
    method="ganmut",
    heads=(HeadRecipe(labels="synthetic", target="hard"),),
    model=Model("ganmut_linear", {"conv_dim": 4, "blocks": 1}),
    input=Input(16, 16, "grey", "symmetric"),
    ganmut=Ganmut(critic_dim=4, beta1=0.4),
    train=Train(optimiser="adam", weight_decay=0.0),
)


def test_two_networks_of_the_datas_emotions_by_the_recipes_widths() -> None:
    generator, critic = networks(RECIPE, SEVEN, CPU)
    assert generator.space.emotions == SEVEN
    faces = torch.zeros(2, 1, 16, 16)
    assert generator(faces, torch.zeros(2, 2)).shape == faces.shape
    assert critic(faces).logits.shape == (2, 7)
    gaussian, judge = networks(replace(RECIPE, model=Model("ganmut_gaussian", {"conv_dim": 4, "dims": 3})), SEVEN, CPU)
    assert judge.conv3 is None
    assert gaussian.space.dims == judge.dims == 3


def test_emotions_of_the_recipe_must_be_the_datas() -> None:
    odd = replace(RECIPE, model=Model("ganmut_linear", {"emotions": ["happiness", "neutral"]}))
    with pytest.raises(MienError, match=r"model\.options\.emotions: the data's labels are anger"):
        networks(odd, SEVEN, CPU)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"conv_dimm": 4}, r"model\.options\.conv_dimm: ganmut_linear has dims, emotions, conv_dim, blocks"),
        ({"channels": 3}, r"model\.options\.channels"),
        ({"conv_dim": "x"}, r"model\.options\.conv_dim = 'x', expected a whole number"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, object], told: str) -> None:
    with pytest.raises(MienError, match=told):
        networks(replace(RECIPE, model=Model("ganmut_linear", options)), SEVEN, CPU)


def test_adam_has_the_recipes_betas_and_no_decay() -> None:
    (group,) = adam(networks(RECIPE, SEVEN, CPU)[0], RECIPE, 0.5).param_groups
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.5, (0.4, 0.999), 0)


def test_rows_without_an_emotion_are_left_out() -> None:
    faces = synthetic(n=12, size=16, identities=4)
    target = faces.targets["synthetic"].copy()
    target[[2, 5]] = float("nan")
    kept = labelled(faces.replace(targets={**faces.targets, "synthetic": target}), RECIPE)
    assert kept.row.tolist() == [0, 1, 3, 4, 6, 7, 8, 9, 10, 11]


def test_the_spec_builds_the_generator_again(tmp_path: Path) -> None:
    torch.manual_seed(0)
    generator, _ = networks(RECIPE, SEVEN, CPU)
    spec = generator_spec(RECIPE, generator, synthetic(n=12, size=16, identities=4), (10, 2), False)
    save_weights(generator, spec, tmp_path / "g.safetensors")
    again, read = load_generator(tmp_path / "g.safetensors")
    assert read.training["n_train"] == 10
    assert read.parameters == sum(p.numel() for p in generator.parameters())
    faces = torch.rand(1, 1, 16, 16)
    torch.testing.assert_close(again(faces, torch.ones(1, 2)), generator(faces, torch.ones(1, 2)))
