from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import onnxruntime  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.predict import load_net, open_run  # noqa: E402
from mien.lab.train.checkpoint import load_weights, save_weights  # noqa: E402
from mien.labels import AFFECT, EMOTIONS, NO_UNIT, SEVEN  # noqa: E402
from mien.model_spec import METADATA_KEY, Head, ModelSpec  # noqa: E402

HEADS = (Head("emotion", "emotion", EMOTIONS, "ferplus"), Head("seven", "emotion", SEVEN, "fer2013"))
OPTIONS = {"widths": [16, 24, 32], "depths": [1, 1, 1], "stem": 8}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("run") / "final.safetensors"
    spec = ModelSpec("two", "small", HEADS, 48, 48, mean=(0.4,), std=(0.3,), architecture_options=OPTIONS)
    save_weights(create("small", HEADS, **OPTIONS), spec, path)
    return path


def crops(n: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, 48, 48, 1), dtype=np.uint8)


def answers(path: Path, n: int) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, {"crops": crops(n)}), strict=True))


def test_the_border_is_as_drawn(run: Path, tmp_path: Path) -> None:
    export_run(run, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"), providers=["CPUExecutionProvider"])
    assert [(i.name, i.type, i.shape[1:]) for i in session.get_inputs()] == [("crops", "tensor(uint8)", [48, 48, 1])]
    for n in (1, 2, 7):
        out = answers(tmp_path / "m.onnx", n)
        assert {k: v.shape for k, v in out.items()} == {
            "logits": (n, 15),
            "embedding": (n, 32),
            "feature_map": (n, 32, 6, 6),
        }
    text = session.get_modelmeta().custom_metadata_map[METADATA_KEY]
    assert ModelSpec.from_json(text).heads == HEADS


def test_agrees_with_torch(run: Path, tmp_path: Path) -> None:
    export_run(run, tmp_path / "m.onnx")
    difference = np.abs(answers(tmp_path / "m.onnx", 9)["logits"] - open_run(run).logits(crops(9))).max()
    assert difference < 1e-4


def test_a_file_for_crops_of_another_side_answers_as_torch_does(run: Path, tmp_path: Path) -> None:
    spec = export_run(run, tmp_path / "m.onnx", side=40)
    assert (spec.height, spec.width) == (40, 40)
    small = np.ascontiguousarray(crops(5)[:, 4:44, 4:44])
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"), providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape[1:] == [40, 40, 1]
    (logits,) = session.run(["logits"], {"crops": small})
    with torch.inference_mode():
        net, trained = load_net(run)
        mean, std = torch.tensor(trained.mean)[0], torch.tensor(trained.std)[0]
        x = (torch.from_numpy(small).permute(0, 3, 1, 2).float() / 255 - mean) / std
        np.testing.assert_allclose(logits, net(x).numpy(), atol=1e-4)


def test_a_side_that_a_network_cannot_take(tmp_path: Path) -> None:
    head = (Head("emotion", "emotion", SEVEN, "fer2013"),)
    save_weights(create("oshea", head), ModelSpec("o", "oshea", head, 48, 48), tmp_path / "o.safetensors")
    with pytest.raises(MienError, match="--side 40: oshea cannot take crops of 40 x 40 pixels, it learnt at 48 x 48"):
        export_run(tmp_path / "o.safetensors", tmp_path / "m.onnx", side=40)
    assert not (tmp_path / "m.onnx").exists()


def test_large_outputs_are_held_by_their_size(run: Path, tmp_path: Path) -> None:
    """Published networks say logits of tens and maps of hundreds, of which float32 keeps seven digits."""
    tensors, spec = load_weights(run)
    net = create("small", HEADS, **OPTIONS)
    net.load_state_dict({k: 1e5 * v if v.shape[:1] == (15,) else v for k, v in tensors.items()})
    save_weights(net, spec, tmp_path / "large.safetensors")
    export_run(tmp_path / "large.safetensors", tmp_path / "m.onnx")
    told = answers(tmp_path / "m.onnx", 9)["logits"]
    away = np.abs(told - open_run(tmp_path / "large.safetensors").logits(crops(9))).max()
    assert np.abs(told).max() > 1e4
    assert 1e-4 < away < 1e-4 * np.abs(told).max()


def test_one_head_alone_at_half_the_size(run: Path, tmp_path: Path) -> None:
    export_run(run, tmp_path / "whole.onnx")
    spec = export_run(run, tmp_path / "half.onnx", name="seven", head="seven", half=True)
    assert (spec.name, spec.heads) == ("seven", HEADS[1:])
    sizes = [(tmp_path / name).stat().st_size for name in ("half.onnx", "whole.onnx")]
    assert sizes[0] < 0.7 * sizes[1]
    whole = answers(tmp_path / "whole.onnx", 5)["logits"][:, 8:]
    half = answers(tmp_path / "half.onnx", 5)["logits"]
    assert half.shape == (5, 7)
    assert np.abs(half - whole).max() < 0.05


def test_no_path_of_this_machine_in_the_file(run: Path, tmp_path: Path) -> None:
    export_run(run, tmp_path / "m.onnx")
    assert b"site-packages" not in (tmp_path / "m.onnx").read_bytes()


def test_every_kind_of_head_leaves_as_it_is(tmp_path: Path) -> None:
    heads = (
        HEADS[0],
        Head("units", "action_units", ("AU06", "AU12", NO_UNIT), "action_units", "sigmoid"),
        Head("both", "emotion_units", (*SEVEN, "AU06", "AU12"), "fer2013", "sigmoid"),
        Head("strong", "intensity", ("AU12",), "intensity", "none"),
        Head("affect", "valence_arousal", AFFECT, "affect", "tanh"),
    )
    torch.manual_seed(1)
    scores = {"Validation": {"n": 9, "val_loss": 1.0, **{f"val_{m}_{h}": v for m, h, v in (
        ("top1", "emotion", 50.0), ("f1", "units", 40.0), ("f1", "both", 30.0), ("icc", "strong", 0.5),
        ("ccc", "affect", 0.6))}}}  # fmt: skip
    spec = ModelSpec("many", "small", heads, 48, 48, architecture_options=OPTIONS, scores=scores)
    save_weights(create("small", heads, **OPTIONS), spec, tmp_path / "many.safetensors")
    export_run(tmp_path / "many.safetensors", tmp_path / "m.onnx")
    expected = open_run(tmp_path / "many.safetensors").logits(crops(6))
    assert np.abs(answers(tmp_path / "m.onnx", 6)["logits"] - expected).max() < 1e-4
    for head in heads[2:4]:
        alone = export_run(tmp_path / "many.safetensors", tmp_path / f"{head.name}.onnx", head=head.name)
        said = answers(tmp_path / f"{head.name}.onnx", 6)["logits"]
        assert np.abs(said - expected[:, spec.columns(head.name)]).max() < 1e-4
        kept = [key for key in alone.scores["Validation"] if key.startswith("val_")]
        assert len(kept) == 1
        assert kept[0].endswith(f"_{head.name}")


def test_unknown_head_and_failed_parity_write_nothing(run: Path, tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no head 'affect': emotion, seven"):
        export_run(run, tmp_path / "m.onnx", head="affect")
    with pytest.raises(MienError, match="differ from torch"):
        export_run(run, tmp_path / "m.onnx", parity=0.0)
    assert list(tmp_path.iterdir()) == []
