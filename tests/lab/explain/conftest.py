"""Nets that have learnt mouths, once for all tests here, and faces that they have not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.datasets.synthetic.mouth_alone import MOUTHS, mouth_alone  # noqa: E402
from mien.lab.explain.explainer import TorchExplainer  # noqa: E402
from mien.lab.models.face_net import output_widths  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.labels import EMOTIONS  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402

NAMES = tuple(name for name in EMOTIONS if name in MOUTHS)
OPTIONS = {"widths": [16, 32], "depths": [1, 1], "stem": 8, "dropout": 0.0}  # last map 12 x 12 of 48 pixels
RATE = 0.01


@dataclass(frozen=True)
class Mouths:
    """The explainer, and faces that it has not learnt from: (n, 48, 48, 1), labels, boxes of their mouths."""

    explainer: TorchExplainer
    crops: NDArray[np.uint8]
    labels: NDArray[np.int64]
    boxes: NDArray[np.float32]


@pytest.fixture(scope="session")
def mouths() -> Mouths:
    """Some seven seconds: enough to name three mouths of four."""
    return _learnt(faces=1000, epochs=14, batch=32)


@pytest.fixture(scope="session")
def mouths_learnt_well() -> Mouths:
    """As `benchmarks/explain.py` trains: a minute."""
    return _learnt(faces=4000, epochs=25, batch=64)


def _learnt(faces: int, epochs: int, batch: int) -> Mouths:
    given, _ = mouth_alone(faces, seed=1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        head = Head("emotion", "emotion", NAMES, "synthetic")
        net = create("small", [head], **OPTIONS)
        spec = ModelSpec(
            "mouths", "small", (head,), 48, 48, architecture_options=OPTIONS, **output_widths(net, 1, 48, 48)
        )
        explainer = TorchExplainer(net, spec, torch.device("cpu"))
        x, y = explainer.inputs(given.pixels[..., None]), torch.from_numpy(_labels(given))
        optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
        steps = faces // batch
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps)
        net.train()
        for _ in range(epochs):
            for rows in torch.randperm(faces).split(batch)[:steps]:
                loss = torch.nn.functional.cross_entropy(net(x[rows]), y[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
    net.eval()
    unseen, boxes = mouth_alone(120, seed=2)
    return Mouths(explainer, unseen.pixels[..., None], _labels(unseen), boxes)


def _labels(faces: FaceSet) -> NDArray[np.int64]:
    return np.asarray([NAMES.index(EMOTIONS[k]) for k in faces.hard("synthetic")])
