from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.evaluate.predictor import OnnxPredictor  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.models.esr import Esr  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.predict import open_run  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.labels import AFFECT, EMOTIONS  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402

EIGHT = Head("emotion", "emotion", EMOTIONS, "affectnet")
BOTH = (EIGHT, Head("affect", "valence_arousal", AFFECT, "affectnet", "none"))
NARROW: dict[str, Any] = {"branches": 3, "widths": [4, 4, 6, 6, 6, 8, 8, 12]}


def narrow(name: str = "esr9", heads: tuple[Head, ...] = (HEAD,), **options: Any) -> Esr:
    torch.manual_seed(0)
    net = create(name, heads, channels=1, height=54, width=54, **(NARROW | options))
    assert isinstance(net, Esr)
    return net.eval()


def faces(n: int = 4, side: int = 54) -> torch.Tensor:
    return torch.rand(n, 1, side, side, generator=torch.Generator().manual_seed(1))


class TestEsr9(ModelContract):
    name = "esr9"
    parameters = 20_349_546
    heads = BOTH
    channels = 3
    size = 54
    options = NARROW | {"branches": 2}


class TestEsrStar15(ModelContract):
    name = "esrstar15"
    parameters = 34_465_946
    heads = BOTH
    channels = 3
    size = 54
    options = {"branches": 2, "ck": True, "widths": [4, 4, 6, 6, 8]}  # noqa: RUF012


@pytest.mark.parametrize(("name", "parameters"), [("esr15", 33_666_054), ("esrstar9", 20_832_494)])
def test_the_published_sizes(name: str, parameters: int) -> None:
    assert count_parameters(create(name, BOTH, channels=3, height=96, width=96)) == parameters


def test_each_branch_costs_the_same() -> None:
    one, two = (create("esr9", BOTH, channels=3, height=96, width=96, branches=b) for b in (1, 2))
    assert (count_parameters(one), count_parameters(two)) == (2_594_202, 2_594_202 + 2_219_418)


@pytest.mark.parametrize(("branches", "parameters"), [(1, 131_208), (4, 355_104)])
def test_the_net_for_ck(branches: int, parameters: int) -> None:
    net = create("esr9", [EIGHT], channels=1, height=96, width=96, branches=branches, ck=True)
    assert count_parameters(net) == parameters


def test_the_published_shapes() -> None:
    net = create("esrstar9", BOTH, channels=3, height=96, width=96, branches=2).eval()
    assert isinstance(net, Esr)
    with torch.no_grad():
        x = torch.zeros(1, 3, 96, 96)
        assert net.base(x).shape == (1, 128, 20, 20)
        feature_map, looked = net.attend(x)
    assert feature_map.shape == (1, 1024, 6, 6)
    assert (looked.channel.shape, looked.spatial.shape) == ((1, 2, 512), (1, 2, 36))


def test_keys_are_the_published_ones_behind_a_prefix() -> None:
    keys = set(narrow(heads=BOTH).state_dict())
    inside = {key.removeprefix("branch.2.") for key in keys if key.startswith("branch.2.")}
    norms = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    base = {f"conv{i}.{k}" for i in range(1, 5) for k in norms[:2]} | {f"bn{i}.{k}" for i in range(1, 5) for k in norms}
    assert inside == base | {f"{fc}.{k}" for fc in ("fc", "fc_dimensional") for k in norms[:2]}
    assert {key.removeprefix("base.") for key in keys if key.startswith("base.")} == base


def test_the_mean_is_that_of_the_branches_probabilities() -> None:
    net = narrow(heads=BOTH)
    embedding = net.pool(net.features(faces()))
    said, together = net.branch_logits(embedding), net.classify(embedding)
    assert said.shape == (4, 3, 10)
    torch.testing.assert_close(together[:, :8].softmax(1), said[..., :8].softmax(2).mean(1))
    torch.testing.assert_close(together[:, 8:], said[..., 8:].mean(1))
    alone = net.branch[1].say(net.branch[1](net.base(faces())).mean((2, 3)))
    torch.testing.assert_close(said[:, 1], alone)


def test_votes_are_counted_and_a_tie_goes_to_the_lowest_class() -> None:
    net = narrow(combine="vote", branches=4)
    said = torch.full((2, 4, 7), -1.0)
    for branch, (first, second) in enumerate([(5, 6), (2, 6), (5, 6), (2, 1)]):
        said[0, branch, first] = said[1, branch, second] = 3.0
    votes = net.ensemble(said)
    assert votes.tolist() == [[0, 0, 2, 0, 0, 2, 0], [0, 1, 0, 0, 0, 0, 3]]
    assert votes.argmax(1).tolist() == [2, 6]


@pytest.mark.parametrize("heads", [(HEAD,), BOTH])
def test_voters_learn_from_their_own_answers(heads: tuple[Head, ...]) -> None:
    net = narrow(heads=heads, combine="vote").train()
    answer = net.answer(faces(8))
    assert len(answer.sides) == len(net.side_weights) == net.branches == 3
    sum(logits.square().sum() for logits in (answer.logits, *answer.sides)).backward()
    assert [k for k, p in net.named_parameters() if p.grad is None] == []


def test_batch_statistics_are_asked_for_in_the_branches_alone() -> None:
    plain, published = narrow(), narrow(statistics="batch")
    published.load_state_dict(plain.state_dict())
    x = faces(6)
    assert (plain(x) - published(x)).abs().max() > 0.01
    assert (published(x)[:3] - published(x[:3])).abs().max() > 1e-4  # a face's answer depends on its batch
    for branch in plain.branch:  # as published: eval() of the whole does not reach the branches
        branch.train()
    assert all(not m.training for m in plain.base.modules() if isinstance(m, nn.BatchNorm2d))
    torch.testing.assert_close(plain(x), published(x))


@pytest.mark.parametrize(
    "options", [{"statistics": "batch"}, pytest.param({"combine": "vote"}, marks=pytest.mark.slow)]
)
def test_modes_are_exported_for_any_batch(options: dict[str, Any], tmp_path: Path) -> None:
    net = narrow(heads=BOTH, branches=2, **options)
    spec = ModelSpec("e", "esr9", BOTH, 54, 54, architecture_options=NARROW | {"branches": 2} | options)
    save_weights(net, spec, tmp_path / "w.safetensors")
    export_run(tmp_path / "w.safetensors", tmp_path / "m.onnx")  # traced with 2 faces, held against torch with 5
    crops = np.random.default_rng(0).integers(0, 256, (6, 54, 54, 1), dtype=np.uint8)
    file = OnnxPredictor(tmp_path / "m.onnx")
    assert file.spec.branches == 2
    logits, said = file.said(crops, batch=3)
    again, expected = open_run(tmp_path / "w.safetensors", "cpu").said(crops, batch=3)
    assert said is not None
    assert said.shape == (6, 2, 10)
    assert np.abs(said - expected).max() < 1e-4
    assert np.abs(logits - again).max() < 1e-4


@pytest.mark.parametrize(
    ("heads", "options", "said"),
    [
        ((), {}, "heads of esr9: none; it has an emotion head"),
        (BOTH[1:], {}, "heads of esr9: valence_arousal"),
        ((*BOTH, EIGHT), {}, "emotion, valence_arousal, emotion"),
        ((EIGHT,), {"branches": 0}, r"model\.options\.branches = 0"),
        ((EIGHT,), {"combine": "max"}, "'max', expected mean or vote"),
        ((EIGHT,), {"statistics": "own"}, "'own', expected running or batch"),
        ((EIGHT,), {"widths": [4, 4]}, "2 of them, esr9 here has 8 convolutions"),
    ],
)
def test_what_it_cannot_be(heads: tuple[Head, ...], options: dict[str, Any], said: str) -> None:
    with pytest.raises(MienError, match=said):
        create("esr9", heads, height=96, width=96, **options)
    with pytest.raises(MienError, match="input of 48 pixels: esr9 needs 54 or more"):
        create("esr9", [EIGHT], height=48, width=96)
