from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.train.batches import model_heads  # noqa: E402
from mien.lab.train.model_facts import make_net, model_spec  # noqa: E402
from mien.lab.train.recipe import Augment, Data, Input, Model, Recipe  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402

RECIPE = Recipe(name="r", model=Model("small", {"widths": [8, 8, 12], "depths": [1, 1, 1], "stem": 4}), licence="MIT")
FACES = FaceSet(
    "t", pixels=np.zeros((14, 48, 48), np.uint8), targets={"fer2013": one_hot(np.arange(14) % 7, SEVEN)}, content="abc"
)
CPU = torch.device("cpu")


def facts(recipe: Recipe) -> ModelSpec:
    heads = model_heads(FACES, recipe.heads, recipe.data)
    return model_spec(recipe, make_net(recipe, heads, CPU), heads, FACES, (10, 4), "fp32")


def test_the_seed_alone_decides_the_weights() -> None:
    heads = model_heads(FACES, RECIPE.heads)
    torch.manual_seed(99)
    a = make_net(RECIPE, heads, CPU).state_dict()
    b = make_net(RECIPE, heads, CPU).state_dict()
    other = make_net(replace(RECIPE, seed=1), heads, CPU).state_dict()
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert not torch.equal(a["head.weight"], other["head.weight"])


def test_a_trunk_without_heads_is_made_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    net = make_net(RECIPE, (), CPU)
    assert net.stages()[-1].weight.shape == (0, 12)
    assert [str(w.message) for w in recwarn if "zero-element" in str(w.message)] == []


def test_spec_says_what_the_network_is_and_learnt() -> None:
    spec = facts(RECIPE)
    assert (spec.embedding, spec.feature_map) == (12, (12, 6, 6))
    assert spec.parameters == count_parameters(make_net(RECIPE, spec.heads, CPU))
    assert (spec.height, spec.width, spec.colour, spec.licence) == (48, 48, "grey", "MIT")
    said = {k: spec.training[k] for k in ("data", "data_sha256", "train", "n_train", "validation", "n_validation")}
    assert said == {
        "data": "t", "data_sha256": "abc", "train": "Training", "n_train": 10, "validation": "PublicTest",
        "n_validation": 4,
    }  # fmt: skip
    assert {"recipe", "method", "seed", "precision", "commit", "versions"} <= spec.training.keys()
    assert not {"init", "drop", "merge"} & spec.training.keys()
    assert ModelSpec.from_json(spec.to_json()).heads == spec.heads


def test_cuts_and_what_was_left_out_are_written_down() -> None:
    data = Data(folds=5, fold=2, drop=("disgust",), merge={"rest": ["anger", "fear"]})
    spec = facts(replace(RECIPE, data=data, init="runs/byol"))
    assert spec.training["validation"] == "fold 2 of 5"
    assert spec.training["drop"] == ["disgust"]
    assert spec.training["merge"] == {"rest": ["anger", "fear"]}
    assert spec.training["init"] == "runs/byol"
    assert (spec.heads[0].kind, len(spec.heads[0].labels)) == ("classes", 5)
    assert facts(replace(RECIPE, data=Data(holdout=0.2))).training["validation"] == "holdout 0.2"


def test_a_protocol_and_its_leak_are_written_down() -> None:
    told = facts(replace(RECIPE, data=Data(protocol="ck-random", fold=3))).training
    assert (told["train"], told["validation"]) == ("Training", "ck-random, fold 3")
    assert (told["protocol"]["name"], told["protocol"]["fold"], told["protocol"]["honest"]) == ("ck-random", 3, False)
    assert "one sequence" in told["protocol"]["leak"]
    assert facts(replace(RECIPE, data=Data(protocol="loso"))).training["protocol"]["honest"]
    assert "protocol" not in facts(RECIPE).training


@pytest.mark.parametrize(
    ("settings", "mean", "std"),
    [
        (Input(), (0.5,), (0.5,)),
        (Input(colour="rgb", mean=(0.4,), std=(0.2,)), (0.4,) * 3, (0.2,) * 3),
        (Input(colour="rgb", normalise="unit"), (0.0,) * 3, (1.0,) * 3),
        (Input(normalise="symmetric", mean=(0.1,)), (0.5,), (0.5,)),
    ],
)
def test_normalisation_is_the_networks_own(settings: Input, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
    spec = facts(replace(RECIPE, input=settings))
    assert (spec.mean, spec.std) == (mean, std)
    spec.check()


def test_a_crop_that_the_network_cannot_take_is_named() -> None:
    heads = model_heads(FACES, RECIPE.heads)
    make_net(replace(RECIPE, augment=Augment(crop=40)), heads, CPU)  # pools whatever comes
    counts_pixels = replace(RECIPE, model=Model("oshea"), augment=Augment(crop=40, pad=4))
    with pytest.raises(MienError, match=r"augment\.crop = 40: oshea takes pictures of 48 x 48 alone; set input"):
        make_net(counts_pixels, heads, CPU)
    make_net(replace(counts_pixels, input=Input(40, 40)), heads, CPU)


def test_published_weights_are_taken_and_written_down(tmp_path: Path) -> None:
    heads = model_heads(FACES, RECIPE.heads)
    made = make_net(replace(RECIPE, seed=7), heads, CPU).state_dict()
    torch.save(made, tmp_path / "w.pth")
    recipe = replace(RECIPE, model=replace(RECIPE.model, weights=str(tmp_path / "w.pth")))
    taken = make_net(recipe, heads, CPU).state_dict()
    assert all(torch.equal(made[key], taken[key]) for key in made)
    assert facts(recipe).training["weights"] == str(tmp_path / "w.pth")
    assert "weights" not in facts(RECIPE).training
