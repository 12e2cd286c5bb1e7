from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.export import generator  # noqa: E402
from mien.lab.export.generator import InTwo, export_generator  # noqa: E402
from mien.lab.gan.generator import BUILDERS, Generator  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402
from mien.runtime.expression_editor import ExpressionEditor  # noqa: E402

NARROW = {"conv_dim": 4, "blocks": 1}


def saved(
    path: Path, architecture: str = "ganmut_linear", channels: int = 1, dims: int = 2, side: int = 16
) -> Generator:
    torch.manual_seed(0)
    net = BUILDERS[architecture](channels=channels, dims=dims, **NARROW)
    half = (0.5,) * channels
    colour = "grey" if channels == 1 else "rgb"
    options = NARROW | ({"dims": dims} if dims != 2 else {})
    spec = ModelSpec("mine", architecture, (), side, side, colour, half, half, architecture_options=options)
    save_weights(net, spec, path)
    return net.eval()


@pytest.mark.parametrize(
    ("architecture", "channels", "dims"),
    [("ganmut_linear", 1, 2), ("ganmut_gaussian", 3, 2), ("ganmut_linear", 3, 3), ("ganmut_gaussian", 1, 3)],
)
def test_the_file_edits_as_torch_does(architecture: str, channels: int, dims: int, tmp_path: Path) -> None:
    net = saved(tmp_path / "g.safetensors", architecture, channels, dims)
    spec = export_generator(tmp_path / "g.safetensors", tmp_path / "out" / "g.onnx", name="named")
    editor = ExpressionEditor(tmp_path / "out" / "g.onnx", threads=1)
    assert editor.spec == spec
    assert (spec.name, editor.space.kind, editor.space.dims) == ("named", architecture[7:], dims)
    rng = np.random.default_rng(0)
    for n in (1, 3):
        crops = rng.integers(0, 256, (n, 16, 16, channels), dtype=np.uint8)
        codes = np.stack([editor.space.code(name, 0.8) for name in SEVEN[:n]])
        with torch.no_grad():
            faces = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1
            expected = (net(faces, torch.from_numpy(codes)) + 1).permute(0, 2, 3, 1).numpy() * 127.5
        assert np.abs(editor.edit(crops, codes) - expected).max() < 0.51
        assert expected.std() > 1


@pytest.mark.parametrize("channels", [1, 3])
def test_the_last_convolution_in_two_is_the_same(channels: int) -> None:
    whole = torch.nn.Conv2d(5, channels, 7, padding=3, bias=False)
    x = torch.rand(2, 5, 9, 11)
    torch.testing.assert_close(InTwo(whole)(x), whole(x), rtol=1e-4, atol=1e-5)


def test_norms_stay_one_node_each(tmp_path: Path) -> None:
    """Taken apart into means and square roots they would cost as much as the convolutions."""
    import onnx

    net = saved(tmp_path / "g.safetensors")
    export_generator(tmp_path / "g.safetensors", tmp_path / "g.onnx")
    kinds = [node.op_type for node in onnx.load(tmp_path / "g.onnx").graph.node]
    norms = sum(isinstance(part, torch.nn.InstanceNorm2d) for part in net.modules())
    assert kinds.count("InstanceNormalization") == norms
    assert "ReduceMean" not in kinds


def test_half_is_half_the_size_and_close(tmp_path: Path) -> None:
    saved(tmp_path / "g.safetensors")
    export_generator(tmp_path / "g.safetensors", tmp_path / "whole.onnx")
    export_generator(tmp_path / "g.safetensors", tmp_path / "half.onnx", half=True)
    editors = [ExpressionEditor(tmp_path / f"{name}.onnx", threads=1) for name in ("whole", "half")]
    crops = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1), dtype=np.uint8)
    whole, half = (editor.edit(crops, np.float32([0.3, 0.4])).astype(int) for editor in editors)
    assert 0 < np.abs(whole - half).max() < 255 * generator.HALF_TOLERANCE
    assert editors[1].path.stat().st_size < 0.75 * editors[0].path.stat().st_size


def test_a_file_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "g.safetensors")
    for difference in (0.5, float("nan")):
        monkeypatch.setattr(generator, "compare", lambda *_, away=difference: away)
        with pytest.raises(MienError, match="not written"):
            export_generator(tmp_path / "g.safetensors", tmp_path / "g.onnx")
    assert not (tmp_path / "g.onnx").exists()


def test_a_classifier_is_refused(tmp_path: Path) -> None:
    heads = (Head("emotion", "emotion", SEVEN, "fer2013"),)
    options = {"widths": [4, 4, 4], "depths": [1, 1, 1], "stem": 4}
    spec = ModelSpec("c", "small", heads, 48, 48, architecture_options=options)
    save_weights(create("small", heads, **options), spec, tmp_path / "c.safetensors")
    with pytest.raises(MienError, match="holds small, no generator"):
        export_generator(tmp_path / "c.safetensors", tmp_path / "c.onnx")
