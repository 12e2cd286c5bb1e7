"""CAM by torch, and the same without it from the exported file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.evaluate.explain.onnx_explainer import OnnxExplainer  # noqa: E402
from mien.lab.explain.explainer import TorchExplainer  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
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
        ("oshea", {}, "reads the mean of its last map; use --method grad-cam"),
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
