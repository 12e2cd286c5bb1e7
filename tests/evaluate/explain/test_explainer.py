from __future__ import annotations

import pytest

from mien.errors import MienError
from mien.evaluate.explain.explainer import Explainer, open_explainer
from mien.evaluate.explain.onnx_explainer import OnnxExplainer


def test_bundled_names_and_onnx_files_need_no_lab(tiny_model, corner) -> None:
    for model in ("small", tiny_model()):
        assert isinstance(open_explainer(model), OnnxExplainer)
    assert isinstance(open_explainer("small"), Explainer)
    assert isinstance(corner(), Explainer)


def test_a_device_is_refused_where_onnx_runs() -> None:
    for device, words in (("cuda", "ONNX models run on the CPU"), ("tpu", "unknown device")):
        with pytest.raises(MienError, match=words):
            open_explainer("small", device)
    with pytest.raises(MienError, match="no such file"):
        open_explainer("gone.safetensors")
