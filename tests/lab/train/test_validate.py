from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.contracts.model import HEAD  # noqa: E402

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.batches import FaceTensors  # noqa: E402
from mien.lab.train.recipe import HeadRecipe, Input  # noqa: E402
from mien.lab.train.validate import predict, validation_scores  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402


def setup() -> tuple[FaceTensors, ModelSpec]:
    pixels = np.random.default_rng(0).integers(0, 256, (10, 48, 48), dtype=np.uint8)
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 0, -1, -1])
    faces = FaceSet("t", pixels=pixels, targets={"fer2013": one_hot(labels, SEVEN)})
    data = FaceTensors(faces, (HeadRecipe(),), Input(), torch.device("cpu"))
    return data, ModelSpec("a", "small", (HEAD,), 48, 48)


def test_accuracy_counts_labelled_faces_only() -> None:
    data, spec = setup()
    logits = torch.zeros(10, 7)
    logits[:, 0] = 5
    assert validation_scores(logits, data, spec)["val_top1_emotion"] == pytest.approx(25.0)


def test_batches_do_not_matter_and_training_goes_on() -> None:
    data, _ = setup()
    net = create("small", [HEAD], widths=[8, 8, 8], depths=[1, 1, 1], stem=4)
    torch.testing.assert_close(predict(net, data, batch=3), predict(net, data, batch=10))
    assert net.training


def test_scores_by_class_are_scikit_learns() -> None:
    from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score

    data, spec = setup()
    rng = np.random.default_rng(1)
    true = np.array([0, 0, 0, 0, 0, 3, 3, 4, -1, -1])  # some classes absent
    data.hard["emotion"] = torch.from_numpy(true)
    logits = torch.from_numpy(rng.normal(size=(10, 7)).astype(np.float32))
    scores = validation_scores(logits, data, spec)
    known, said = true[:8], logits.argmax(1).numpy()[:8]
    there = [0, 3, 4]
    assert scores["val_balanced_accuracy"] == pytest.approx(100 * balanced_accuracy_score(known, said))
    macro = 100 * f1_score(known, said, labels=there, average="macro", zero_division=0)
    assert scores["val_macro_f1"] == pytest.approx(macro)
    recalls = 100 * recall_score(known, said, labels=there, average=None, zero_division=0)
    for index, recall in zip(there, recalls, strict=True):
        assert scores[f"val_recall_{SEVEN[index]}"] == pytest.approx(recall)
    assert np.isnan(scores[f"val_recall_{SEVEN[1]}"])


@pytest.mark.parametrize("world", [2, 3, 4])
def test_every_face_counts_once_over_processes(world: int) -> None:
    """Ten faces do not divide by three or four: nobody's answer is lost or counted twice."""

    class One:
        def __init__(self, rank: int, parts: list[torch.Tensor]) -> None:
            self.process_index, self.num_processes, self.parts = rank, world, parts

        def gather(self, mine: torch.Tensor) -> torch.Tensor:
            self.parts.append(mine)
            return torch.cat(self.parts) if len(self.parts) == world else mine.repeat(world, 1)

    data, _ = setup()
    net = create("small", [HEAD], widths=[8, 8, 8], depths=[1, 1, 1], stem=4)
    parts: list[torch.Tensor] = []
    found = [predict(net, data, accelerator=One(rank, parts)) for rank in range(world)]
    torch.testing.assert_close(found[-1], predict(net, data))  # the last to arrive has all the parts


def test_more_processes_than_faces() -> None:
    data, _ = setup()
    net = create("small", [HEAD], widths=[8, 8, 8], depths=[1, 1, 1], stem=4)
    spare = FaceTensors(
        FaceSet("t", pixels=np.zeros((0, 48, 48), np.uint8), targets={"fer2013": np.zeros((0, 8), np.float32)}),
        (),
        Input(),
        torch.device("cpu"),
    )
    assert predict(net, spare).shape == (0, 7)
    assert predict(net, spare, embeddings=True).shape == (0, 8)
    assert net.training
    assert len(data) == 10
