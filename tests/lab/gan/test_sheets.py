from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.lab.gan.generator import ganmut_linear  # noqa: E402
from mien.lab.gan.sheets import Sheets  # noqa: E402
from mien.lab.gan.space_facts import space_facts  # noqa: E402
from mien.lab.gan.validation import Validation  # noqa: E402
from mien.lab.train.batches import FaceTensors  # noqa: E402
from mien.lab.train.recipe import HeadRecipe, Input  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402

EMOTIONS = ("happiness", "neutral")


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("L"), np.float32)


def test_sheets_show_the_network_as_it_stands(tmp_path: Path) -> None:
    faces = synthetic(n=24, size=16, identities=6, emotions=EMOTIONS)
    settings = Input(16, 16, "grey", "symmetric")
    tensors = FaceTensors(faces, (HeadRecipe(labels="synthetic"),), settings, torch.device("cpu"))
    net = ganmut_linear(emotions=EMOTIONS, conv_dim=4, blocks=1, channels=1)
    sheets = Sheets(tmp_path / "plots", Validation(faces, tensors, tensors.hard["emotion"], EMOTIONS, 4, ""))
    spec = ModelSpec("g", "ganmut_linear", (), 16, 16, space=space_facts(net.space))
    history = [(1, [[0.0, 1.0], [0.0, 0.0]]), (2, net.space.places().tolist())]
    sheets.draw(net, spec, 2, history, False)
    with torch.no_grad():
        net.main[-2].weight.mul_(-1)  # the same pictures as negatives
    sheets.draw(net, spec, 3, history, False)
    names = {path.name for path in (tmp_path / "plots").iterdir()}
    assert names == {f"{what}-000{epoch}.png" for what in ("edits", "intensity") for epoch in (2, 3)} | {"space.png"}
    for what in ("edits", "intensity"):
        one, two = (pixels(tmp_path / "plots" / f"{what}-000{epoch}.png") for epoch in (2, 3))
        assert np.abs(one - two).mean() > 1
