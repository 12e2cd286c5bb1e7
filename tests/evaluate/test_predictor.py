"""Models by name and path, whatever they are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.errors import MienError, MissingExtraError
from mien.evaluate.predictor import Predictor, is_checkpoint, open_model


def test_an_onnx_file_answers_batch_by_batch(tiny_model) -> None:
    model = open_model(tiny_model())
    assert isinstance(model, Predictor)
    crops = np.random.default_rng(0).integers(0, 255, (7, 48, 48, 1)).astype(np.uint8)
    whole = model.logits(crops)
    assert whole.shape == (7, 8)
    np.testing.assert_allclose(model.logits(crops, batch=3), whole, atol=1e-5)
    assert model.logits(crops[:0]).shape == (0, 8)


def test_fakes_are_predictors_too(bright) -> None:
    assert isinstance(bright(), Predictor)


def test_runs_are_known_by_folder_or_suffix(tmp_path: Path) -> None:
    assert is_checkpoint(tmp_path)
    assert is_checkpoint("run/best.safetensors")
    assert not is_checkpoint("small")
    assert not is_checkpoint("model.onnx")


@pytest.mark.parametrize("model", ["no-such-model", "gone.onnx", "gone.safetensors"])
def test_what_does_not_exist_is_named(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MienError, match=model):
        open_model(model)


def test_devices(tiny_model) -> None:
    path = tiny_model()
    assert open_model(path, "cpu").spec.name == "tiny"
    with pytest.raises(MienError, match="run on the CPU"):
        open_model(path, "cuda")
    with pytest.raises(MienError, match="unknown device"):
        open_model(path, "tpu")


def test_a_run_without_torch_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "mien.lab" in sys.modules:  # what is imported anew here must not stay behind as the package's attribute
        monkeypatch.setattr(mien, "lab", sys.modules["mien.lab"])
    for name in [name for name in sys.modules if name.startswith("mien.lab")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"mien\[train\]"):
        open_model(tmp_path)
