"""What every registered generator must do: narrow in the quick tests, as published in the slow ones."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

from mien.lab.export.generator import export_generator  # noqa: E402
from mien.lab.gan.generator import BUILDERS, Generator  # noqa: E402
from mien.lab.gan.space import GaussianSpace  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402
from mien.runtime.expression_editor import ExpressionEditor  # noqa: E402
from mien.runtime.expression_space import is_generator  # noqa: E402

NARROW = {"conv_dim": 8, "blocks": 1}
SIZES = [pytest.param(NARROW, 32, id="narrow"), pytest.param({}, 128, id="published", marks=pytest.mark.slow)]

pytestmark = [pytest.mark.parametrize("name", BUILDERS), pytest.mark.parametrize(("options", "side"), SIZES)]


def made(name: str, options: dict[str, int], side: int, n: int = 2) -> tuple[Generator, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    net = BUILDERS[name](**options)
    return net, torch.rand(n, 3, side, side) * 2 - 1, torch.rand(n, 2) * 2 - 1


def test_forward_and_a_batch_of_one(name: str, options: dict[str, int], side: int) -> None:
    net, faces, codes = made(name, options, side)
    with torch.no_grad():
        out = net(faces, codes)
        torch.testing.assert_close(net(faces[:1], codes[:1]), out[:1], rtol=1e-3, atol=1e-4)
    assert out.shape == faces.shape
    assert out.abs().max() <= 1


def test_gradient_reaches_every_parameter(name: str, options: dict[str, int], side: int) -> None:
    """Through the places of the emotions too; a bias of the published axes is used by nobody."""
    net, faces, _ = made(name, options, side)
    codes = net.space.code("happiness", 0.7).expand(len(faces), -1)
    loss = net(faces, codes).square().sum() + net.space.places().square().sum()
    if isinstance(net.space, GaussianSpace):
        loss = loss + net.space.distances(codes + 0.1).sum()
    loss.backward()
    without = [key for key, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert without == ([] if isinstance(net.space, GaussianSpace) else ["space.axes.bias"])


def test_bf16_and_channels_last_are_close(name: str, options: dict[str, int], side: int) -> None:
    net, faces, codes = made(name, options, side)
    with torch.no_grad():
        plain = net(faces, codes)
        with torch.autocast("cpu", torch.bfloat16):
            rounded = net(faces, codes).float()
        other = net.to(memory_format=torch.channels_last)(faces.to(memory_format=torch.channels_last), codes)
    assert (plain - rounded).abs().mean() < 0.05 * plain.abs().mean()
    torch.testing.assert_close(plain, other, rtol=1e-3, atol=1e-4)


def test_the_exported_file_edits_as_torch_does(name: str, options: dict[str, int], side: int, tmp_path: Path) -> None:
    """For any batch, and without torch."""
    net, _, _ = made(name, options, side)
    half = (0.5,) * 3
    spec = ModelSpec(name, name, (), side, side, "rgb", half, half, architecture_options=options)
    save_weights(net, spec, tmp_path / "g.safetensors")
    export_generator(tmp_path / "g.safetensors", tmp_path / "g.onnx")
    editor = ExpressionEditor(tmp_path / "g.onnx", threads=1)
    assert is_generator(editor.spec)
    rng = np.random.default_rng(0)
    for n in (1, 3):
        crops = rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8)
        codes = np.stack([editor.space.code(emotion, 0.5) for emotion in editor.space.emotions[:n]])
        np.testing.assert_allclose(codes[0], net.space.code(editor.space.emotions[0], 0.5).detach(), atol=1e-6)
        with torch.no_grad():
            faces = torch.from_numpy(crops).permute(0, 3, 1, 2) / 127.5 - 1
            expected = (net.eval()(faces, torch.from_numpy(codes)).permute(0, 2, 3, 1).numpy() + 1) * 127.5
        assert np.abs(editor.edit(crops, codes) - expected).max() < 0.55  # rounding, and 1e-4 of the range
