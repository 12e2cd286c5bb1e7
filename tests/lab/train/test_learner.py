"""Side heads, centre loss and a network's own loss, in the loop: what is summed, what is saved, what goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from accelerate import Accelerator  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.lab.models import registry  # noqa: E402
from mien.lab.models.face_net import Answer, FaceNet  # noqa: E402
from mien.lab.train.learner import Learner, rest_sides  # noqa: E402
from mien.lab.train.optimisers import make_optimiser  # noqa: E402
from mien.lab.train.recipe import Augment, Input, Loss, Model, Recipe, Train  # noqa: E402
from mien.lab.train.run import Trained, train  # noqa: E402
from mien.lab.train.supervised import Supervised  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

CPU = torch.device("cpu")


class Sided(FaceNet):
    """A head, two side heads of weights 0.5 and 0.25, and 0.125 as a loss of its own."""

    side_weights = (0.5, 0.25)

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.trunk = nn.Conv2d(1, 4, 3, 2)
        self.head = nn.Linear(4, classes)
        self.side = nn.ModuleList([nn.Linear(4, classes), nn.Linear(4, classes)])

    def stages(self) -> list[nn.Module]:
        return [self.trunk, self.head]

    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.trunk(x))

    def pool(self, feature_map: Tensor) -> Tensor:
        return feature_map.mean((2, 3))

    def classify(self, embedding: Tensor) -> Tensor:
        said: Tensor = self.head(embedding)
        return said

    def answer(self, x: Tensor) -> Answer:
        embedding = self.pool(self.features(x))
        sides = tuple(side(embedding) for side in self.side)
        return Answer(self.classify(embedding), embedding, sides, torch.full((), 0.125))


def sided(classes: int, channels: int, height: int, width: int) -> Sided:
    return Sided(classes)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._load(), "sided", sided)


def faces(n: int = 56) -> FaceSet:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 7
    pixels = (rng.integers(0, 120, (n, 12, 12)) + 18 * labels[:, None, None]).astype(np.uint8)
    split = np.where(np.arange(n) < n * 3 // 4, "Training", "PublicTest")
    return FaceSet("greys", pixels, targets={"fer2013": one_hot(labels, SEVEN)}, split=split)


def recipe(loss: Loss, **settings: Any) -> Recipe:
    settings = {
        "epochs": 4,
        "batch": 14,
        "optimiser": "adam",
        "lr": 0.01,
        "warmup": 0.0,
        "precision": "fp32",
    } | settings
    return Recipe(
        name="r", model=Model("sided"), input=Input(12, 12), augment=Augment(flip=0.5), loss=loss,
        train=Train(**settings),
    )  # fmt: skip


def method(loss: Loss) -> Supervised:
    return Supervised(recipe(loss), faces(), Accelerator(cpu=True), False)


def test_the_loss_is_the_head_and_its_sides_by_the_papers_weights() -> None:
    made = method(Loss())
    assert isinstance(made.model, Learner)
    batch = next(made.endless((12, 12)))
    x, targets = batch
    answer = made.net.answer(x)
    target, _ = targets["emotion"]
    each = [float(F.cross_entropy(logits, target).detach()) for logits in (answer.logits, *answer.sides)]
    expected = each[0] + 0.5 * each[1] + 0.25 * each[2] + 0.125
    assert float(made.loss(made.model, batch).detach()) == pytest.approx(expected, abs=1e-5)
    alone = method(Loss(sides=False))
    assert alone.model is alone.net
    assert float(alone.loss(alone.model, batch).detach()) == pytest.approx(each[0], abs=1e-5)


def test_centres_add_their_loss_from_their_epoch_on_and_follow() -> None:
    made = method(Loss(sides=False, centre=0.1, centre_lr=1.0, centre_epoch=1))
    assert made.centres is not None
    without = made.loss(made.model, next(made.batches(0, (12, 12), (0, 1))))
    made.after_step(0.0)
    assert float(made.centres.centres.abs().max()) == 0
    batch = next(made.batches(1, (12, 12), (0, 1)))
    answer = made.net.answer(batch[0])
    found = made.loss(made.model, batch)
    expected = (
        F.cross_entropy(answer.logits, batch[1]["emotion"][0]) + 0.125 + 0.05 * answer.embedding.square().sum(1).mean(0)
    )
    torch.testing.assert_close(found, expected)
    made.after_step(0.5)
    label = int(batch[1]["emotion"][0][0].argmax())
    mine = answer.embedding[batch[1]["emotion"][0].argmax(1) == label].detach()
    torch.testing.assert_close(made.centres.centres[label], mine.sum(0) / (1 + len(mine)))
    assert float(without.detach()) > 0


def run(plan: Recipe, out: Path, **options: Any) -> Trained:
    return train(plan, faces(), out, device="cpu", quiet=True, **options)


def test_a_stopped_run_with_centres_ends_with_the_weights_of_a_whole_one(tmp_path: Path) -> None:
    def stop(row: dict[str, Any]) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    plan = recipe(Loss(centre=0.5, centre_epoch=1))
    with pytest.raises(KeyboardInterrupt):
        run(plan, tmp_path / "stopped", on_epoch=stop)
    run(plan, tmp_path / "stopped", resume=True)
    run(plan, tmp_path / "whole")
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("stopped", "whole"))
    assert a.keys() == b.keys()  # the centres are not handed on
    assert not any("centres" in key for key in b)
    assert all(torch.equal(a[key], b[key]) for key in b)
    states = [torch.load(tmp_path / name / "resume" / "state.pt", weights_only=True) for name in ("stopped", "whole")]
    assert torch.equal(*(state["model"]["centres.centres"] for state in states))
    assert float(states[0]["model"]["centres.centres"].abs().max()) > 0


def test_side_heads_that_do_not_learn_are_held() -> None:
    net = Sided(7)
    assert rest_sides(net, 1, (12, 12)) == ["side.0.weight", "side.0.bias", "side.1.weight", "side.1.bias"]
    assert [p.grad for p in net.parameters()] == [None] * 8
    assert net.training
    assert net.head.weight.requires_grad


def test_stages_of_what_is_learnt_with_are_the_networks() -> None:
    groups = make_optimiser(Learner(Sided(7)), Train(layer_decay=0.5)).param_groups
    assert {group["scale"] for group in groups} == {0.5, 1.0}
    assert sum(len(group["params"]) for group in groups) == 8  # what stands in no stage learns at the full rate
