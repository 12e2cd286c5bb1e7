"""Valence and arousal of an ESR, learnt on drawn faces on top of emotions that stay as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from accelerate import Accelerator  # noqa: E402
from accelerate.state import AcceleratorState  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from tests.lab.importers.published import save_esr  # noqa: E402

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.datasets.load import load_dataset  # noqa: E402
from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.evaluate.predictor import OnnxPredictor  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.lab.importers.recognise import import_weights  # noqa: E402
from mien.lab.predict import load_net, open_run  # noqa: E402
from mien.lab.train.esr import EsrStage, Stage  # noqa: E402
from mien.lab.train.esr_affect import affect_layers, learning, resolved  # noqa: E402
from mien.lab.train.optimisers import make_optimiser  # noqa: E402
from mien.lab.train.recipe import Augment, Balance, Data, Esr, HeadRecipe, Input, Loss, Model, Recipe, Train  # noqa: E402
from mien.lab.train.recipe_file import read_recipe  # noqa: E402
from mien.lab.train.run import Trained, train  # noqa: E402
from mien.lab.train.validate import predict  # noqa: E402
from mien.labels import CODES, EMOTIONS  # noqa: E402
from mien.score.concordance import concordance  # noqa: E402

NARROW: dict[str, Any] = {"branches": 2, "widths": [6, 6, 12, 12, 12, 16, 16, 24]}
EMOTION = HeadRecipe(labels="synthetic", target="hard")
AFFECT = HeadRecipe(name="affect", kind="valence_arousal")
SLOW: dict[str, Any] = {"batch": 32, "schedule": "constant", "warmup": 0.0, "precision": "fp32", "weight_decay": 0.0}


def categories(**changes: Any) -> Recipe:
    made = Recipe(
        name="categories", method="esr", heads=(EMOTION,), data=Data(validation="Validation"),
        model=Model("esr9", NARROW), input=Input(54, 54, normalise="unit"), esr=Esr(first_epochs=6, epochs=2),
        train=Train(optimiser="adamw", **(SLOW | {"lr": 0.006, "schedule": "cosine"})),
    )  # fmt: skip
    return replace(made, **changes)


def affect(init: Path | str, **changes: Any) -> Recipe:
    esr = Esr(learns="affect", first_epochs=3, epochs=3, old_lr=0.001)
    slow = Train(optimiser="sgd", lr=0.01, momentum=0.9, nesterov=False, **SLOW)
    return categories(**({"init": str(init), "heads": (EMOTION, AFFECT), "esr": esr, "train": slow} | changes))


def run(recipe: Recipe, faces: FaceSet, out: Path, **options: Any) -> Trained:
    return train(recipe, faces, out, device="cpu", quiet=True, **options)


def stage(plan: Recipe, faces: FaceSet, branch: int = 2, before: Path | None = None) -> EsrStage:
    AcceleratorState._reset_state(reset_partial_state=True)
    return EsrStage(plan, faces, Accelerator(cpu=True), False, Stage(branch, before))


@dataclass(frozen=True, slots=True)
class Learnt:
    faces: FaceSet
    before: Path
    after: Path
    log: list[dict[str, Any]]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    """Two branches that name eight emotions of drawn faces, and the same with affect."""
    folder = tmp_path_factory.mktemp("esr")
    faces = synthetic(800, size=54, identities=200, difficulty=0.1, splits={"Training": 0.75, "Validation": 0.25})
    run(categories(), faces, folder / "before")
    done = run(affect(folder / "before"), faces, folder / "after")
    return Learnt(faces, folder / "before", folder / "after", done.log)


def test_affect_is_learnt(learnt: Learnt) -> None:
    """The ensemble's CCC on other people's faces: 0.70, 0.62 and 0.56 with seeds 0 to 2; untrained -0.18 to 0.24."""
    fresh = stage(affect(learnt.before), learnt.faces).net.eval()
    for layer in affect_layers(fresh):
        layer.reset_parameters()  # type: ignore[operator]
    made = stage(affect(learnt.after), learnt.faces)
    true = np.stack([learnt.faces.in_split("Validation").targets[name] for name in ("valence", "arousal")])

    def ccc(net: Any) -> float:
        return float(np.mean(concordance(true, predict(net, made.validation)[:, 8:].clamp(-1, 1).numpy().T)))

    before, after = ccc(fresh), ccc(load_net(learnt.after)[0])
    assert after > 0.45
    assert after > before + 0.3
    best = max(row["val_negative_rmse"] for row in learnt.log if row["branch"] == 2)
    chosen = next(row for row in learnt.log if row["branch"] == 2 and row["val_negative_rmse"] == best)
    assert chosen["val_ccc"] == pytest.approx(after, abs=1e-4)  # the kept weights are those of the least RMSE


def test_emotions_stay_to_the_bit(learnt: Learnt) -> None:
    before, after = (load_file(folder / "final.safetensors") for folder in (learnt.before, learnt.after))
    assert {key for key in after if key not in before} == {
        f"branch.{k}.fc_dimensional.{part}" for k in (0, 1) for part in ("weight", "bias")
    }
    assert all(torch.equal(value, after[key]) for key, value in before.items())  # norms' statistics too
    crops = learnt.faces.in_split("Validation").pixels[..., None]
    says = [open_run(folder, "cpu").logits(crops)[:, :8] for folder in (learnt.before, learnt.after)]
    assert np.array_equal(*says)


def test_columns_of_the_log(learnt: Learnt) -> None:
    names = {"val_rmse_valence", "val_rmse_arousal", "val_ccc_valence", "val_ccc_arousal", "val_top1_emotion"}
    for row in learnt.log:
        assert names <= row.keys()
        assert {key for key in row if "_branch_" in key} == {f"val_rmse_branch_{k + 1}" for k in range(row["branch"])}
        assert row["val_negative_rmse"] == pytest.approx(-(row["val_rmse_valence"] + row["val_rmse_arousal"]) / 2)
    first = learnt.log[0]
    assert first["val_rmse_branch_1"] == pytest.approx(-first["val_negative_rmse"])  # one branch is the ensemble
    assert "branch 2 of 2 done: val_negative_rmse -0." in (learnt.after / "train.log").read_text()
    assert 'metric = "negative_rmse"' in (learnt.after / "recipe.toml").read_text()


def test_the_exported_file_says_the_mean_of_the_branches(learnt: Learnt, tmp_path: Path) -> None:
    export_run(learnt.after, tmp_path / "m.onnx")
    file = OnnxPredictor(tmp_path / "m.onnx")
    assert [(h.name, h.activation) for h in file.spec.heads] == [("emotion", "softmax"), ("affect", "none")]
    crops = learnt.faces.in_split("Validation").pixels[:20, ..., None]
    logits, said = file.said(crops)
    assert said is not None
    assert said.shape == (20, 2, 10)
    np.testing.assert_allclose(logits[:, 8:], said[..., 8:].mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(logits, open_run(learnt.after, "cpu").logits(crops), atol=1e-4)


def test_a_killed_run_goes_on_and_ends_the_same(learnt: Learnt, tmp_path: Path) -> None:
    def stop(row: dict[str, Any]) -> None:
        if (row["branch"], row["epoch"]) == (2, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(affect(learnt.before), learnt.faces, tmp_path, on_epoch=stop)
    run(affect(learnt.before), learnt.faces, tmp_path, resume=True)
    a, b = (load_file(folder / "final.safetensors") for folder in (tmp_path, learnt.after))
    assert a.keys() == b.keys()
    assert all(torch.equal(a[key], b[key]) for key in a)


def test_the_loss_is_the_sum_of_both_errors_of_each_branch(learnt: Learnt) -> None:
    made = stage(affect(learnt.before, augment=Augment(flip=0.0)), learnt.faces)
    made.wake()
    x, targets = next(made.batches(0, (54, 54), (0, 1)))
    loss = made.loss(made.model, (x, targets))
    net, true = made.net, targets["affect"][0]
    assert not any(module.training for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d))
    expected = torch.zeros(())
    for part, branch in zip(net.pool(net.features(x)).chunk(2, dim=1), net.voters(), strict=True):
        said = branch.fc(part).relu() @ branch.fc_dimensional.weight.T + branch.fc_dimensional.bias  # type: ignore[union-attr]
        expected = expected + (said - true).square().mean(0).sqrt().sum()
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-5)
    loss.backward()
    moved = {key for key, p in net.named_parameters() if p.grad is not None}
    assert moved == {key for key, _ in net.named_parameters() if "fc_dimensional" in key}


def test_old_layers_learn_slowly(learnt: Learnt) -> None:
    made = stage(affect(learnt.before), learnt.faces)
    optimiser = make_optimiser(made.model, made.recipe.train, made.rates())
    rate = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}
    assert [{rate.pop(id(p)) for p in layer.parameters()} for layer in affect_layers(made.net)] == [{0.001}, {0.01}]
    assert rate == {}
    assert [scale for scale, group in stage(affect(learnt.before), learnt.faces, 1).rates() if group] == [1.0]


@pytest.mark.parametrize("kind", ["batch", "star"])
def test_published_weights_are_begun_with(kind: str, tmp_path: Path, learnt: Learnt) -> None:
    wide = {"base": (16,) * 4, "branch": (16, 16, 16, 32), "cbam": True} if kind == "star" else {}
    save_esr(tmp_path / "published", branches=2, **wide)  # type: ignore[arg-type]
    options = Options(statistics="batch" if kind == "batch" else "")
    spec = import_weights(tmp_path / "published", tmp_path / "esr.safetensors", name="esr", options=options)
    plan = affect(
        tmp_path / "esr.safetensors",
        model=Model(spec.architecture, dict(spec.architecture_options)),
        input=Input(96, 96, "rgb", "unit"),
        esr=Esr(learns="affect", first_epochs=1, epochs=1),
    )
    faces = learnt.faces.select(np.arange(0, 800, 13))
    made = stage(plan, faces, 1)
    source = load_file(tmp_path / "esr.safetensors")
    assert all(torch.equal(value, source[key]) for key, value in made.net.state_dict().items())  # its affect too
    run(plan, faces, tmp_path / "run")
    after = load_file(tmp_path / "run" / "final.safetensors")
    changed = {key for key, value in source.items() if not torch.equal(value, after[key])}
    assert changed == {f"branch.{k}.fc_dimensional.{part}" for k in (0, 1) for part in ("weight", "bias")}


def test_the_recipes_for_affectnet_take_its_prepared_folders(tmp_path: Path, learnt: Learnt) -> None:
    code = {name: number for number, name in CODES["affectnet"].items()}
    labels, affects = learnt.faces.hard("synthetic"), [learnt.faces.targets[name] for name in ("valence", "arousal")]
    pixels = learnt.faces.pixels
    assert pixels is not None
    for i in range(192):
        v, a = (int(1000 * values[i]) for values in affects)
        folder = tmp_path / "set" / ("Training_Labeled" if i < 160 else "Validation") / str(i // 500)
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(pixels[i]).convert("RGB")
        picture.save(folder / f"{i:07d}s{code[EMOTIONS[labels[i]]]}s{v}s{a}.jpg")
    faces = load_dataset(str(tmp_path / "set"))
    small = ["model.options={branches=2,widths=[4,4,4,4,4,4,4,8]}", "input.height=54", "input.width=54"]
    small += ["esr.first_epochs=1", "esr.epochs=1", "esr.per_class=15"]
    for name, init in (("esr9-affectnet", ""), ("esr9-affectnet-affect", str(tmp_path / "esr9-affectnet"))):
        plan = read_recipe(f"recipes/esr/{name}.toml", [*small, f"init={init}"])
        done = run(plan, faces, tmp_path / name)
        assert [row["branch"] for row in done.log] == [1, 2]
        drawn = done.spec.training["n_train"]
        assert 15 < drawn <= 15 * (4 if init else 8)  # quadrants, emotions


@pytest.mark.parametrize("how", ["fixed", "uncertainty", "gradient"])
def test_both_heads_at_once_learn_from_what_a_face_has(how: str, learnt: Learnt) -> None:
    """No face has both labels; every weight has a gradient, those by which heads are weighed too."""
    faces = learnt.faces
    half = np.arange(len(faces)) % 2 == 0
    targets = dict(faces.targets)
    targets["synthetic"] = np.where(half[:, None], targets["synthetic"], np.nan).astype(np.float32)
    targets |= {name: np.where(half, np.nan, targets[name]).astype(np.float32) for name in ("valence", "arousal")}
    plan = categories(heads=(EMOTION, replace(AFFECT, weight=0.5)), loss=Loss(heads=how), esr=Esr(per_class=0))
    made = stage(plan, faces.replace(targets=targets))
    made.wake()
    x, batch = next(made.batches(0, (54, 54), (0, 1)))
    loss = made.loss(made.model, (x, batch))
    loss.backward()
    assert [key for key, p in made.model.named_parameters() if p.grad is None] == []
    optimiser = make_optimiser(made.model, made.recipe.train, made.rates())
    held = sum(len(group["params"]) for group in optimiser.param_groups)
    assert held == len(list(made.model.parameters()))
    if how == "fixed":
        with torch.no_grad():
            said = made.net.branch_logits(made.net.pool(made.net.features(x)))
        (emotion, has), (value, known) = batch["emotion"], batch["affect"]
        assert not (has * known[:, 0]).any()
        crossed = -(said[..., :8].log_softmax(2) * emotion[:, None]).sum(2)[has > 0].mean(0).sum()
        off = (said[..., 8:] - value[:, None])[known[:, 0] > 0].square().mean(0).sqrt().sum()
        torch.testing.assert_close(loss.detach(), crossed + 0.5 * off, rtol=1e-4, atol=1e-4)
    row = made.validate(made.net, 0)
    assert {"val_top1_branch_2", "val_rmse_branch_2", "val_top1", "val_ccc_affect"} <= row.keys()
    assert made.scored == "val_top1"


def test_what_a_recipe_leaves_open() -> None:
    plan = resolved(affect("x"))
    assert (plan.heads[1].loss, plan.heads[1].activation) == ("rmse", "none")
    assert (plan.train.select, plan.train.metric, plan.balance.head) == ("affect", "negative_rmse", "affect")
    assert resolved(plan) == plan
    said = affect("x", heads=(EMOTION, replace(AFFECT, loss="ccc", activation="tanh")), balance=Balance(head="emotion"))
    asked = resolved(replace(said, train=replace(said.train, select="affect", metric="ccc")))
    assert (asked.heads[1].loss, asked.heads[1].activation, asked.train.metric) == ("ccc", "tanh", "ccc")
    assert asked.balance.head == "emotion"
    assert [head.name for head in learning(plan)] == ["affect"]
    joint = resolved(categories(heads=(EMOTION, AFFECT)))
    assert (joint.train.select, joint.heads[1].loss) == ("", "rmse")
    assert [head.name for head in learning(joint)] == ["emotion", "affect"]
    with pytest.raises(MienError, match="needs a head of kind valence_arousal"):
        resolved(affect("x", heads=(EMOTION,)))
