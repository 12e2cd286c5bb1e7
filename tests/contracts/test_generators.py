"""What every registered generator must do: narrow in the quick tests, as published in the slow ones."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

from mien.lab.gan.generator import BUILDERS, Generator  # noqa: E402
from mien.lab.gan.space import GaussianSpace  # noqa: E402

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


def test_onnx_parity_for_any_batch(name: str, options: dict[str, int], side: int, tmp_path: Path) -> None:
    net, faces, codes = made(name, options, side)
    file = tmp_path / "g.onnx"
    batch = torch.export.Dim("n")
    torch.onnx.export(
        net.eval(), (faces, codes), file, input_names=["faces", "codes"], output_names=["edited"],
        dynamic_shapes={"faces": {0: batch}, "codes": {0: batch}}, dynamo=True, verbose=False,
    )  # fmt: skip
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for n in (1, 3):
        _, faces, codes = made(name, options, side, n)
        with torch.no_grad():
            expected = net(faces, codes).numpy()
        (found,) = session.run(["edited"], {"faces": faces.numpy(), "codes": codes.numpy()})
        assert np.abs(found - expected).max() < 1e-4
