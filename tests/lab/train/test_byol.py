from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from accelerate import Accelerator  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.datasets.load import load_dataset  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.predict import load_net  # noqa: E402
from mien.lab.train import byol as module  # noqa: E402
from mien.lab.train.byol import Bootstrap, Byol, bootstrap_loss, momentum_at  # noqa: E402
from mien.lab.train.optimisers import make_optimiser  # noqa: E402
from mien.lab.train.recipe import Recipe  # noqa: E402
from mien.lab.train.recipe_file import read_recipe  # noqa: E402
from mien.lab.train.run import train  # noqa: E402

QUICK = [
    "data.path=synthetic:n=240,seed=3,identities=60",
    "data.validation=Validation",
    'heads=[{labels="synthetic"}]',
    "model.options={widths=[8,12], depths=[1,1], stem=8, dropout=0.0}",
    "input.height=24",
    "input.width=24",
    "byol.hidden=16",
    "byol.out=8",
    "byol.probe=2",
    "train.sizes=[]",
    "train.epochs=3",
    "train.batch=32",
    "train.warmup=0",
    "train.precision=fp32",
    "train.compile=false",
]


def quick(*sets: str) -> Recipe:
    return read_recipe(Path("recipes/byol.toml"), [*QUICK, *sets])


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    return load_dataset(quick().data.path)


def method(recipe: Recipe, faces: FaceSet) -> Byol:
    return Byol(recipe, faces, Accelerator(cpu=True), bf16=False)


def state(*modules: torch.nn.Module) -> list[torch.Tensor]:
    return [p.detach().clone() for m in modules for p in m.parameters()]


def small_bootstrap() -> Bootstrap:
    torch.manual_seed(0)
    return Bootstrap(create("small", (), widths=[8], depths=[1], stem=8), 8, 16, 4)


@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
def test_the_optimiser_leaves_the_target_and_the_average_moves_it(faces: FaceSet, optimiser: str) -> None:
    recipe = quick(f"train.optimiser={optimiser}", "train.weight_decay=0.5", "train.lr=0.1")
    byol = method(recipe, faces)
    model = byol.bootstrap
    target, online = (model.target_net, model.target_projector), (byol.net, model.projector)
    before, online_before = state(*target), state(*online)
    moves = make_optimiser(byol.model, recipe.train)
    byol.loss(byol.model, next(byol.batches(0, (24, 24), (0, 1)))).backward()
    moves.step()
    assert all(torch.equal(a, b) for a, b in zip(before, state(*target), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(online_before, state(*online), strict=True))
    byol.after_step(0.0)
    share = 1 - recipe.byol.momentum
    for old, new, reached in zip(before, state(*target), state(*online), strict=True):
        torch.testing.assert_close(new, old + share * (reached - old))


def test_momentum_rises_to_one_by_a_cosine() -> None:
    assert momentum_at(0.996, "cosine", 0.0) == pytest.approx(0.996)
    assert momentum_at(0.996, "cosine", 0.5) == pytest.approx(0.998)
    assert momentum_at(0.996, "cosine", 1.0) == 1
    assert momentum_at(0.99, "constant", 1.0) == 0.99


def test_the_loss_is_the_distance_of_unit_vectors() -> None:
    a, b = torch.randn(6, 4), torch.randn(6, 4)
    expected = (a / a.norm(dim=1, keepdim=True) - b / b.norm(dim=1, keepdim=True)).square().sum(1)
    torch.testing.assert_close(bootstrap_loss(a, b), expected)
    torch.testing.assert_close(bootstrap_loss(a, 3 * a), torch.zeros(6))
    torch.testing.assert_close(bootstrap_loss(a, -a), torch.full((6,), 4.0))


def test_the_loss_lies_in_its_range_and_equal_views_make_both_directions_equal() -> None:
    model = small_bootstrap()
    a, b = torch.randn(5, 1, 16, 16), torch.randn(5, 1, 16, 16)
    losses = model(a, b)
    assert losses.shape == (5,)
    assert (losses >= 0).all()
    assert (losses <= 8).all()
    told = model.predictor(model.projector(model.net.pool(model.net.features(a))))
    seen = model.target_projector(model.target_net.pool(model.target_net.features(a)))
    torch.testing.assert_close(model(a, a), 2 * bootstrap_loss(told, seen))
    torch.testing.assert_close(model(a, b), model(b, a))
    model.predictor = torch.nn.Identity()  # identical heads foretell identical inputs
    torch.testing.assert_close(model(a, a), torch.zeros(5), atol=1e-5, rtol=0)


def test_the_target_is_a_copy_of_trunk_and_projector_that_does_not_learn() -> None:
    model = small_bootstrap()
    learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
    held = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    assert held == learning - sum(p.numel() for p in model.predictor.parameters())


def test_a_run_leaves_a_trunk_without_heads_that_fine_tunes(tmp_path: Path, faces: FaceSet) -> None:
    done = train(quick(), faces, tmp_path / "byol", quiet=True)
    rows = done.log
    assert all(0 <= row["train_loss"] <= 8 for row in rows)
    assert all(row["collapsed"] == 0 and 0 < row["val_std"] < 1.2 for row in rows)
    assert [math.isnan(row["val_knn"]) for row in rows] == [True, False, False]  # every 2, and the last
    net, spec = load_net(tmp_path / "byol")
    assert spec.heads == ()
    assert spec.training["method"] == "byol"
    assert net(torch.zeros(2, 1, 24, 24)).shape == (2, 0)
    sets = [f"init={tmp_path / 'byol'}", "method=supervised", "train.epochs=1"]
    tuned = train(quick(*sets, "train.freeze=trunk"), faces, tmp_path / "probe", quiet=True)
    assert len(tuned.spec.heads) == 1
    trunk, probed = (load_file(tmp_path / name / "final.safetensors") for name in ("byol", "probe"))
    assert all(torch.equal(trunk[key], probed[key]) for key in trunk if not key.startswith("head."))


def test_labels_are_not_looked_at(tmp_path: Path, faces: FaceSet) -> None:
    blind = faces.replace(targets={})
    seeing, unseeing = (
        train(quick("train.epochs=1"), one, tmp_path / name, quiet=True)
        for name, one in (("seeing", faces), ("blind", blind))
    )
    a, b = (load_file(run.folder / "final.safetensors") for run in (seeing, unseeing))
    assert all(torch.equal(a[key], b[key]) for key in a)
    assert "val_knn" not in unseeing.log[0]


def test_stopped_and_resumed_ends_with_the_same_target(tmp_path: Path, faces: FaceSet) -> None:
    def stop(row: dict[str, Any]) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(quick(), faces, tmp_path / "stopped", quiet=True, on_epoch=stop)
    train(quick(), faces, tmp_path / "stopped", quiet=True, resume=True)
    train(quick(), faces, tmp_path / "whole", quiet=True)
    a, b = (
        torch.load(tmp_path / name / "resume" / "state.pt", weights_only=True)["model"] for name in ("stopped", "whole")
    )
    assert any(key.startswith("target_net.") for key in a)
    assert all(torch.equal(a[key], b[key]) for key in a)


def test_collapse_is_told_and_never_the_best_epoch(faces: FaceSet, capsys: pytest.CaptureFixture[str]) -> None:
    byol = method(quick(), faces)
    for p in byol.net.parameters():  # every face gets the same features
        torch.nn.init.zeros_(p) if p.numel() else None
    row = byol.validate(byol.net, 0)
    assert row["collapsed"] == 1
    assert row["val_std"] == 0
    told = byol.remark({**row, "epoch": 1})
    assert told.startswith("features have collapsed: their deviation 0 is below byol.collapse = 0.1")
    assert byol.remark({**row, "collapsed": 0.0}) == ""
    assert byol.score({**row, "epoch": 9}) < byol.score({"collapsed": 0.0, "epoch": 1})
    assert byol.score({"collapsed": 0.0, "epoch": 1}) < byol.score({"collapsed": 0.0, "epoch": 2})


def test_the_second_view_is_of_a_variant(faces: FaceSet, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faces.pixels is not None
    black = faces.replace(pixels=np.zeros_like(faces.pixels), made_from=faces.row)
    monkeypatch.setattr(module, "load_dataset", lambda path: black)
    plain = "byol.views={area=[1,1], flip=0, jitter=0, blur=[0,0], solarize=[0,0]}"
    byol = method(quick("byol.variants=made", plain), faces)
    a, b = next(byol.batches(0, (24, 24), (0, 1)))
    assert a.std() > 0.1
    assert b.std() < 1e-6
    assert byol.validate(byol.net, 0)["val_loss"] >= 0  # which has no variants


def test_two_processes_see_the_faces_of_one(faces: FaceSet) -> None:
    byol = method(quick(), faces)
    whole = next(byol.batches(1, (24, 24), (0, 1)))
    parts = [next(byol.batches(1, (24, 24), (rank, 2))) for rank in (0, 1)]
    for view in (0, 1):
        joined = torch.stack([parts[0][view], parts[1][view]], dim=1).flatten(0, 1)
        torch.testing.assert_close(joined, whole[view])


def test_a_frozen_trunk_has_nothing_to_learn(faces: FaceSet) -> None:
    with pytest.raises(MienError, match=r'train\.freeze = "trunk" leaves method "byol" nothing to learn'):
        method(quick("train.freeze=trunk"), faces)
