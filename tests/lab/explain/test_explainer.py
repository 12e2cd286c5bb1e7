from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.evaluate.explain.explain import explain  # noqa: E402
from mien.evaluate.explain.explainer import Explainer, open_explainer  # noqa: E402
from mien.evaluate.explain.methods import METHODS  # noqa: E402
from mien.lab.explain.explainer import TorchExplainer  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.labels import AFFECT  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402


@pytest.mark.parametrize("method", METHODS)
def test_a_face_has_its_map_whatever_stands_beside_it(mouths, method: str) -> None:
    columns = np.array([0, 1, 2])
    together = mouths.explainer.maps(mouths.crops[:3], columns, method)
    assert together.dtype == np.float32
    if method != "smooth-grad":  # whose noise goes by the order of faces
        alone = mouths.explainer.maps(mouths.crops[2:3], columns[2:], method)
        np.testing.assert_allclose(together[2:], alone, atol=1e-4 * np.abs(alone).max())


def test_it_opens_a_run_and_forgets_it_by_the_seed(mouths, tmp_path: Path) -> None:
    save_weights(mouths.explainer.net, mouths.explainer.spec, tmp_path / "final.safetensors")
    opened = open_explainer(tmp_path, "cpu")
    assert isinstance(opened, Explainer)
    np.testing.assert_allclose(opened.logits(mouths.crops[:2]), mouths.explainer.logits(mouths.crops[:2]), atol=1e-4)
    state = torch.random.get_rng_state()
    first, again, other = (opened.randomised(seed)[0].logits(mouths.crops[:2]) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    assert not np.allclose(first, opened.logits(mouths.crops[:2]))


def test_units_valence_and_branches_can_be_asked_about() -> None:
    """ESR: the ensemble's mean, of its emotion head and of affect."""
    torch.manual_seed(0)
    heads = (
        Head("emotion", "emotion", ("anger", "happiness"), "x"),
        Head("affect", "valence_arousal", AFFECT, "x", "tanh"),
    )
    options = {"branches": 2, "ck": True, "widths": [4] * 5}
    net = create("esr9", heads, **options)
    spec = ModelSpec("m", "esr9", heads, 48, 48, architecture_options=options, branches=2)
    explainer = TorchExplainer(net, spec, torch.device("cpu"))
    crops = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), dtype=np.uint8)
    maps = {word: explain(explainer, crops, word).maps for word in ("anger", "valence", "arousal")}
    assert not np.allclose(maps["anger"], maps["valence"])
    assert not np.allclose(maps["arousal"], maps["valence"])
    units = (Head("units", "action_units", ("AU06", "AU12"), "x", "sigmoid"),)
    small = {"widths": [8, 8], "depths": [1, 1], "stem": 4}
    asked = TorchExplainer(
        create("small", units, **small),
        ModelSpec("u", "small", units, 48, 48, architecture_options=small),
        torch.device("cpu"),
    )
    said = explain(asked, crops, "AU12", "saliency")
    assert said.names == ("AU12", "AU12")
    assert ((said.values > 0) & (said.values < 1)).all()
