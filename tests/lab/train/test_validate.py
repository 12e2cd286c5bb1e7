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
