from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.gan.critic import Critic, Verdict  # noqa: E402
from mien.lab.gan.generator import ganmut_linear  # noqa: E402
from mien.lab.gan.validation import Validation, pixels_of  # noqa: E402
from mien.lab.train.batches import FaceTensors  # noqa: E402
from mien.lab.train.recipe import HeadRecipe, Input  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402

EMOTIONS = ("happiness", "surprise", "neutral")


def validation(judge: str = "", n: int = 9) -> Validation:
    faces = synthetic(n=60, size=16, identities=10, emotions=EMOTIONS)
    tensors = FaceTensors(
        faces, (HeadRecipe(labels="synthetic"),), Input(16, 16, "grey", "symmetric"), torch.device("cpu")
    )
    return Validation(faces, tensors, tensors.hard["emotion"], EMOTIONS, n, judge)


class Says(Critic):
    """Reads the verdict out of the picture: how bright it is says which emotion it shows."""

    def forward(self, faces: torch.Tensor) -> Verdict:
        level = ((faces.mean((1, 2, 3)) + 1) / 2 * 2).round().long()
        return Verdict(faces, torch.nn.functional.one_hot(level, 3).float(), faces)


class Paints(torch.nn.Module):
    """Makes a plain picture as bright as the emotion's number; of some emotions another's."""

    def __init__(self, shown: dict[int, int]) -> None:
        super().__init__()
        self.space = ganmut_linear(emotions=EMOTIONS, conv_dim=4, blocks=1).space
        self.shown = shown

    def forward(self, faces: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        asked = torch.cdist(codes, self.space.places()).argmin(1)
        level = torch.tensor([self.shown[int(k)] for k in asked]) / 2
        return (2 * level - 1)[:, None, None, None].expand_as(faces)


def test_each_emotion_is_as_often_represented_as_can_be() -> None:
    counts = torch.bincount(validation(n=9).labels)
    assert counts.tolist() == [3, 3, 3]


def test_reached_is_told_by_emotion() -> None:
    critic = Says("linear", 2, 3, 2, 1, 1, 16, 16)
    found = validation().scores(Paints({0: 0, 1: 1, 2: 2}), critic, False)  # type: ignore[arg-type]
    assert found["val_reached"] == 100
    found = validation().scores(Paints({0: 0, 1: 2, 2: 2}), critic, False)  # type: ignore[arg-type]
    assert [found[f"val_reached_{name}"] for name in EMOTIONS] == [100, 0, 100]
    assert found["val_reached"] == pytest.approx(200 / 3)


def test_reconstruction_is_told_in_grey_levels() -> None:
    net = ganmut_linear(emotions=EMOTIONS, conv_dim=4, blocks=1, channels=1)
    held = validation()
    critic = Says("linear", 2, 3, 2, 1, 1, 16, 16)
    faces, _ = held.edits(net, False)
    codes = net.space.places()[held.labels]
    expected = np.abs(pixels_of(net(faces, codes)).astype(float) - pixels_of(faces)).mean()
    assert held.scores(net, critic, False)["val_rec"] == pytest.approx(expected, abs=0.5)


def test_a_judge_must_know_the_emotions() -> None:
    faces = synthetic(n=20, size=16, identities=10, emotions=("contempt", "neutral"))
    settings = Input(16, 16, "grey", "symmetric")
    held = FaceTensors(faces, (HeadRecipe(labels="synthetic"),), settings, torch.device("cpu"))
    with pytest.raises(MienError, match=r"small-fer2013: as a judge it must tell contempt"):
        Validation(faces, held, held.hard["emotion"], ("neutral", "contempt"), 4, "small-fer2013")


def test_a_judges_labels_may_stand_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bright:
        """Says by brightness which emotion it sees; its labels are in an order of their own."""

        spec = ModelSpec("j", "any", (Head("emotion", "emotion", ("neutral", "happiness", "surprise"), "x"),), 16, 16)

        def logits(self, crops: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
            level = np.rint(crops.mean(axis=(1, 2, 3)) / 127.5).astype(int)
            order = [self.spec.heads[0].labels.index(EMOTIONS[k]) for k in level]
            return np.eye(3, dtype=np.float32)[order]

    monkeypatch.setattr("mien.lab.gan.validation.open_model", lambda name: Bright())
    critic = Critic("linear", 2, 3, 2, 1, 1, 16, 16)
    found = validation("bright").scores(Paints({0: 0, 1: 2, 2: 2}), critic, False)  # type: ignore[arg-type]
    assert [found[f"val_reached_{name}"] for name in EMOTIONS] == [100, 0, 100]


def test_pixels_are_whole_and_in_range() -> None:
    made = pixels_of(torch.tensor([-1.0, 0.0, 1.0, 1.2]).reshape(1, 1, 2, 2))
    assert made.dtype == np.uint8
    assert made.reshape(-1).tolist() == [0, 128, 255, 255]
