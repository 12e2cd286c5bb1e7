from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.calibrate import store as module
from mien.evaluate.calibrate.store import store, target_of
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.session import OnnxModel

TinyModel = Callable[..., Path]
STORED = {"emotion": {"method": "temperature", "temperature": 0.7}}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with a network that was never trained."""
    from mien.lab.models.registry import create
    from mien.lab.train.checkpoint import save_weights

    heads = (Head("emotion", "emotion", EMOTIONS, "ferplus"),)
    options = {"stem": 4, "widths": [8, 8], "depths": [1, 1]}
    spec = ModelSpec("r", "small", heads, 48, 48, architecture_options=options, embedding=8)
    folder = tmp_path / "run"
    folder.mkdir()
    net = create("small", heads, channels=1, height=48, width=48, **options).eval()
    for which in ("best", "final"):
        digest = save_weights(net, spec, folder / f"{which}.safetensors")
    (folder / "model.json").write_text(spec.replace(sha256=digest).to_json())
    return folder


def test_an_onnx_file_keeps_it_in_place_or_in_a_copy(tiny_model: TinyModel, tmp_path: Path) -> None:
    path = tiny_model()
    spec = OnnxModel(path).spec
    copy = store(str(path), spec.replace(calibration=STORED), tmp_path / "copy.onnx")
    assert OnnxModel(path).spec.calibration == {}
    assert OnnxModel(copy).spec.calibration == STORED
    assert store(path, spec.replace(calibration=STORED)) == path
    assert path.read_bytes() == copy.read_bytes()


def test_a_run_keeps_it_and_its_export_has_it(run: Path, tmp_path: Path) -> None:
    from mien.lab.export.onnx import export_run
    from mien.lab.predict import load_net, open_run

    before = open_run(run, "cpu")
    crops = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    answers = before.logits(crops)
    file = store(run, before.spec.replace(calibration=STORED))
    assert file == run / "final.safetensors"
    assert load_net(run / "best.safetensors")[1].calibration == {}
    after = open_run(run, "cpu")
    assert after.spec.calibration == STORED
    np.testing.assert_array_equal(after.logits(crops), answers)
    facts = ModelSpec.from_file(run / "model.json")
    assert facts.calibration == STORED
    assert facts.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    exported = export_run(run, tmp_path / "r.onnx")
    assert exported.calibration == STORED
    assert OnnxModel(tmp_path / "r.onnx").spec.calibration == STORED


def test_a_copy_of_a_run_leaves_the_run(run: Path, tmp_path: Path) -> None:
    spec = ModelSpec.from_file(run / "model.json").replace(calibration=STORED)
    copy = store(run, spec, tmp_path / "other" / "r.safetensors")
    assert copy.exists()
    assert ModelSpec.from_file(run / "model.json").calibration == {}


def test_weights_are_looked_for_as_the_lab_does() -> None:
    from mien.lab.predict import PREFERRED

    assert module._PREFERRED == PREFERRED


@pytest.mark.parametrize(
    ("model", "out", "words"),
    [
        ("small", None, r"add --out FILE\.onnx"),
        ("small", "a.safetensors", "stored as .onnx"),
        ("nosuch", None, "unknown model"),
        ("gone.onnx", None, "no such model file"),
        ("{empty}", None, "no weights in it"),
    ],
)
def test_places_that_do_not_do_are_told(model: str, out: str | None, words: str, tmp_path: Path) -> None:
    with pytest.raises(MienError, match=words):
        target_of(model.format(empty=tmp_path), out)
