"""CAM by torch, and the same without it from the exported file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.lab.explain.two_units import drawn, heat_in_regions, learnt  # noqa: E402

from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.evaluate.explain.onnx_explainer import OnnxExplainer  # noqa: E402
from mien.lab.explain.explainer import TorchExplainer  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.models.face_net import output_widths  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402

SEVEN = Head("emotion", "emotion", ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"), "x")


@pytest.mark.parametrize("method", ["cam", "grad-cam", "grad-cam++"])
def test_closed_forms_of_the_exported_file_are_torchs_maps(mouths, tmp_path: Path, method: str) -> None:
    save_weights(mouths.explainer.net, mouths.explainer.spec, tmp_path / "final.safetensors")
    export_run(tmp_path, tmp_path / "mouths.onnx")
    exported = OnnxExplainer(tmp_path / "mouths.onnx")
    columns = np.arange(8) % 4
    mine, torchs = (e.maps(mouths.crops[:8], columns, method) for e in (exported, mouths.explainer))
    np.testing.assert_allclose(mine, torchs, atol=1e-4 * np.abs(torchs).max())
    np.testing.assert_allclose(exported.logits(mouths.crops[:8]), mouths.explainer.logits(mouths.crops[:8]), atol=1e-3)


def test_the_mean_of_a_cam_is_the_logit_without_its_bias(mouths) -> None:
    columns = np.zeros(5, np.int64)
    maps = mouths.explainer.maps(mouths.crops[:5], columns, "cam")
    bias = float(mouths.explainer.net.head.bias[0].detach())
    np.testing.assert_allclose(
        maps.mean(axis=(1, 2)) + bias, mouths.explainer.logits(mouths.crops[:5])[:, 0], atol=1e-4
    )


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("oshea", {}, "mean of its last map, its maximum or both; use --method grad-cam"),
        ("esr9", {"branches": 2, "ck": True}, "one linear layer behind the last map; use --method grad-cam"),
        ("esr9", {"branches": 2, "ck": True, "combine": "vote"}, "as where branches vote; use --method occlusion"),
    ],
)
def test_other_networks_are_refused_with_the_remedy(name: str, options: dict, words: str) -> None:
    torch.manual_seed(0)
    net = create(name, [SEVEN], **options)
    spec = ModelSpec("m", name, (SEVEN,), 48, 48, architecture_options=options)
    explainer = TorchExplainer(net, spec, torch.device("cpu"))
    crops = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), dtype=np.uint8)
    with pytest.raises(MienError, match=words):
        explainer.maps(crops, np.array([0, 3]), "cam")


def pooling_net(pool: str, path: Path) -> TorchExplainer:
    """An untrained net of that pooling, and its exported file."""
    options = {"widths": [8, 16], "depths": [1, 1], "stem": 4, "pool": pool}
    torch.manual_seed(3)
    net = create("small", [SEVEN], **options).eval()
    spec = ModelSpec("m", "small", (SEVEN,), 48, 48, architecture_options=options, **output_widths(net, 1, 48, 48))
    save_weights(net, spec, path / "final.safetensors")
    export_run(path, path / "m.onnx")
    return TorchExplainer(net, spec, torch.device("cpu"))


@pytest.mark.parametrize("pool", ["max", "concat"])
def test_however_the_map_is_pooled_the_mean_is_the_logit_and_the_file_says_the_same(pool: str, tmp_path: Path) -> None:
    explainer = pooling_net(pool, tmp_path)
    exported = OnnxExplainer(tmp_path / "m.onnx")
    crops, columns = synthetic(n=4, seed=6).pixels[..., None], np.arange(4)
    maps = explainer.maps(crops, columns, "cam")
    bias = explainer.net.head.bias.detach().numpy()
    said = explainer.logits(crops)[np.arange(4), columns]
    np.testing.assert_allclose(maps.mean(axis=(1, 2)) + bias[columns], said, atol=1e-4)
    for method in ("cam", "grad-cam", "grad-cam++"):
        mine, torchs = (e.maps(crops, columns, method) for e in (exported, explainer))
        np.testing.assert_allclose(mine, torchs, atol=2e-3 * np.abs(torchs).max())


def test_a_units_heat_lies_where_it_acts_and_not_where_another_does() -> None:
    """Brows take 15 % of a picture, lips 12 %; of maxima, whose map is sparse. Five seconds."""
    explainer, (pixels, shown) = learnt(seed=1, pool="max", faces=600, epochs=8), drawn(120, seed=2)
    assert ((explainer.logits(pixels) > 0) == (shown == 1)).mean() > 0.7
    found, fresh = (heat_in_regions(e, pixels, shown) for e in (explainer, explainer.randomised(0)[0]))
    (brows, lips_there), (brows_there, lips) = found
    assert lips > 0.5 > 0.3 > brows_there
    assert brows > 0.2 > lips_there
    assert brows > 1.5 * fresh[0, 0]
    assert lips > 3 * fresh[1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("pool", ["avg", "max", "concat"])
def test_so_it_does_however_the_map_is_pooled(pool: str) -> None:
    """Measured over three seeds: brows 0.21 to 0.57, lips 0.38 to 1.00; the other's heat there 0.32, 0.12 at most."""
    pixels, shown = drawn(120, seed=2)
    for seed in range(3):
        explainer = learnt(seed, pool, faces=800, epochs=10)
        found = heat_in_regions(explainer, pixels, shown)
        fresh = np.mean([heat_in_regions(explainer.randomised(i)[0], pixels, shown) for i in range(3)], axis=0)
        assert (np.diag(found) > found[[0, 1], [1, 0]]).all()
        assert (np.diag(found) > 1.5 * np.diag(fresh)).all()
        assert found[1, 1] > 3 * found[1, 0]
