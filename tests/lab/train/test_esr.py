from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from accelerate import Accelerator  # noqa: E402
from accelerate.state import AcceleratorState  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.lab.train.diversity import corrected, literal, similarity  # noqa: E402
from mien.lab.train.esr import EsrStage, Stage, branch_scores, recipe_of_stage  # noqa: E402
from mien.lab.train.optimisers import make_optimiser, set_rate  # noqa: E402
from mien.lab.train.recipe import Augment, Esr, HeadRecipe, Input, Model, Recipe, Train  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

NARROW: dict[str, Any] = {"ck": True, "widths": [4, 4, 6, 6, 8]}


def faces(n: int = 56) -> FaceSet:
    """Seven emotions, each stripes of a direction and width of its own in noise; a quarter to choose on."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 7
    waves = np.array([(0, 0), (0, 3), (3, 0), (3, 3), (3, -3), (0, 8), (8, 0)])[labels][..., None, None]
    x, y = np.meshgrid(np.arange(42), np.arange(42))
    angle = 2 * np.pi * (waves[:, 0] * x + waves[:, 1] * y) / 42 + rng.uniform(0, 6, (n, 1, 1))
    pixels = 128 + 70 * np.sin(angle) + rng.normal(0, 15, (n, 42, 42))
    split = np.where(np.arange(n) // 7 % 4 == 3, "PublicTest", "Training")
    target = one_hot(labels, SEVEN)
    return FaceSet("stripes", pixels=pixels.clip(0, 255).astype(np.uint8), targets={"fer2013": target}, split=split)


def recipe(name: str = "esr9", *, esr: Esr | None = None, init: str = "", **train: Any) -> Recipe:
    settings = {"batch": 14, "lr": 0.1, "schedule": "constant", "warmup": 0.0, "precision": "fp32"} | train
    return Recipe(
        name="e", method="esr", heads=(HeadRecipe(target="hard"),), model=Model(name, NARROW), init=init,
        input=Input(42, 42, normalise="unit"), augment=Augment(flip=0.0), esr=esr or Esr(), train=Train(**settings),
    )  # fmt: skip


def stage(plan: Recipe, branch: int, before: Path | None = None) -> EsrStage:
    AcceleratorState._reset_state(reset_partial_state=True)
    return EsrStage(plan, faces(), Accelerator(cpu=True), False, Stage(branch, before))


def batch_of(made: EsrStage) -> Any:
    return next(made.batches(0, (42, 42), (0, 1)))


def test_the_losses_of_the_branches_are_summed() -> None:
    made = stage(recipe(), 3)
    x, targets = batch_of(made)
    loss = made.loss(made.model, (x, targets))
    said = made.net.train().branch_logits(made.net.pool(made.net.features(x)))
    classes = targets["emotion"][0].argmax(dim=1)
    expected = sum(F.cross_entropy(said[:, b], classes) for b in range(3))
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert [key for key, p in made.net.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("kind", ["corrected", "literal"])
def test_branches_that_attend_learn_to_differ(kind: str) -> None:
    weighed, plain = (
        stage(recipe("esrstar9", esr=Esr(diversity=one, diversity_weight=0.5)), 3) for one in (kind, "none")
    )
    batch = batch_of(weighed)
    with torch.no_grad():
        both = [float(made.loss(made.model, batch)) for made in (weighed, plain)]
        looked = weighed.net.attend(batch[0])[1]
    assert looked.spatial.shape == (14, 3, 1)
    penalty = {"corrected": corrected, "literal": literal}[kind]
    expected = 0.5 * sum(float(penalty(similarity(a, 10.0))) for a in looked)
    assert both[0] - both[1] == pytest.approx(expected, abs=1e-3)
    assert abs(expected) > 0.05


def test_base_new_and_old_branches_learn_at_their_own_rates() -> None:
    made = stage(recipe(esr=Esr(base_lr=0.02, old_lr=0.005), weight_decay=1e-4), 3)
    optimiser = make_optimiser(made.model, made.recipe.train, made.rates())
    set_rate(optimiser, 0.05)  # the schedule has halved train.lr
    rate = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}
    assert len(rate) == len(list(made.net.parameters()))
    assert {rate[id(p)] for p in made.net.base.parameters()} == {0.01}
    assert [{rate[id(p)] for p in b.parameters()} for b in made.net.branch] == [{0.0025}, {0.0025}, {0.05}]
    first = stage(recipe(), 1)
    assert [scale for scale, _ in first.rates()] == [1.0]


def test_what_does_not_learn_sleeps() -> None:
    made = stage(recipe(esr=Esr(base_lr=0, old_lr=0)), 2)
    made.wake()
    held = {key: value.clone() for key, value in made.net.state_dict().items()}
    optimiser = make_optimiser(made.model, made.recipe.train, made.rates())
    made.loss(made.model, batch_of(made)).backward()
    optimiser.step()
    moved = {key.rsplit(".", 2)[0] for key, value in made.net.state_dict().items() if not torch.equal(value, held[key])}
    assert moved == {"branch.1"}
    made.validate(made.net, 0)
    made.wake()
    assert not made.net.base.bn1.training
    assert made.net.branch[1].bn1.training


def test_a_stage_goes_on_from_the_one_before(tmp_path: Path) -> None:
    first = stage(recipe(), 1)
    for p in first.net.parameters():
        torch.nn.init.uniform_(p)
    save_weights(first.net, first.spec, tmp_path / "final.safetensors")
    second = stage(recipe(), 2, tmp_path / "final.safetensors")
    states = first.net.state_dict(), second.net.state_dict()
    assert all(torch.equal(states[1][key], value) for key, value in states[0].items())
    assert second.spec.branches == second.net.branches == 2
    assert not torch.equal(states[1]["branch.0.conv1.weight"], states[1]["branch.1.conv1.weight"])
    wide = Recipe(**{**_fields(recipe()), "model": Model("esr9", {"ck": True})})
    with pytest.raises(MienError, match=r"safetensors: base\.conv1\.weight is \(4, 1, 5, 5\), this recipe's is"):
        stage(wide, 2, tmp_path / "final.safetensors")


def _fields(plan: Recipe) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in Recipe.__dataclass_fields__}


def test_init_gives_each_branch_its_own(tmp_path: Path) -> None:
    published = stage(recipe(), 3)
    save_weights(published.net, published.spec, tmp_path / "final.safetensors")
    source = published.net.state_dict()
    first = stage(recipe(init=str(tmp_path)), 1)
    for p in first.net.parameters():
        torch.nn.init.uniform_(p)
    save_weights(first.net, first.spec, tmp_path / "first.safetensors")
    second = stage(recipe(init=str(tmp_path)), 2, tmp_path / "first.safetensors").net.state_dict()
    assert torch.equal(second["branch.1.fc.weight"], source["branch.1.fc.weight"])
    assert not torch.equal(second["branch.0.fc.weight"], source["branch.0.fc.weight"])
    with pytest.raises(MienError, match=r"lacks branch\.3\.conv1\.weight"):
        stage(recipe(init=str(tmp_path)), 4)


def test_columns_of_the_log() -> None:
    made = stage(recipe(), 2)
    row = made.validate(made.net, 0)
    wanted = {"val_top1", "val_top1_branch_1", "val_top1_branch_2", "val_top1_vote", "val_top1_mean"}
    assert wanted | {"val_disagreement", "val_loss", "val_top1_emotion"} <= row.keys()
    assert row["val_top1"] == row["val_top1_mean"]


def test_scores_of_branches() -> None:
    said = np.float32([[[0.9, 0.1], [0.9, 0.1]], [[0.4, 0.6], [0.4, 0.6]], [[0.4, 0.6], [0.4, 0.6]]])
    row = branch_scores(said, np.array([0, 1]))
    assert [row[f"val_top1_{key}"] for key in ("branch_1", "branch_2", "vote", "mean")] == [50, 50, 50, 50]
    row = branch_scores(said, np.array([1, 1]))
    assert (row["val_top1_vote"], row["val_top1_mean"]) == (100, 0)
    assert 0 < row["val_disagreement"] < 1


def test_epochs_and_branches_of_a_stage() -> None:
    plan = recipe(esr=Esr(first_epochs=5, epochs=2))
    assert [recipe_of_stage(plan, k).train.epochs for k in (1, 2, 3)] == [5, 2, 2]
    assert recipe_of_stage(plan, 3).model.options == NARROW | {"branches": 3}
