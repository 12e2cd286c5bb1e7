from __future__ import annotations

from pathlib import Path

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from mien.errors import MienError  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.layers.mirrored import MirroredConv2d, MirroredNorm2d  # noqa: E402
from mien.lab.models.face_net import FaceNet, count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402


def with_norms_that_learnt(net: FaceNet) -> FaceNet:
    torch.manual_seed(0)
    for _ in range(3):
        net.train()(torch.randn(8, 1, 48, 48))
    return net.eval()


class TestSymmetric(ModelContract):
    name = "symmetric"
    parameters = 374_823
    options = {"widths": [8, 12, 16], "depths": [1, 2, 1]}  # noqa: RUF012

    @pytest.mark.parametrize("side", [32, 40, 48])
    def test_a_face_and_its_mirror_image_are_told_alike(self, side: int) -> None:
        net = with_norms_that_learnt(self.net())
        x = torch.randn(3, 1, side, side)
        torch.testing.assert_close(net(x.flip(3)), net(x))
        torch.testing.assert_close(net.features(x.flip(3)), net.features(x).flip(3), rtol=1e-4, atol=1e-4)
        assert not torch.allclose(net(x.flip(2)), net(x), atol=1e-3)

    def test_plain_it_is_the_same_network(self) -> None:
        net = with_norms_that_learnt(self.net())
        plain = net.plain()
        x = self.x()
        torch.testing.assert_close(plain(x), net(x))
        assert not any(isinstance(m, MirroredConv2d | MirroredNorm2d) for m in plain.modules())
        assert any(isinstance(m, MirroredConv2d) for m in net.modules())  # itself is left as it was

    def test_its_file_holds_ordinary_convolutions_with_their_norms_folded_in(self, tmp_path: Path) -> None:
        save_weights(with_norms_that_learnt(self.net()), self.spec(), tmp_path / "w.safetensors")
        export_run(tmp_path / "w.safetensors", tmp_path / "m.onnx")
        model = onnx.load(tmp_path / "m.onnx")
        constants = {tensor.name for tensor in model.graph.initializer}
        convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
        assert len(convolutions) == 11
        assert all(name in constants for node in convolutions for name in node.input[1:])
        assert not {"Concat", "BatchNormalization"} & {node.op_type for node in model.graph.node}

    def test_any_input_size(self) -> None:
        net = self.net().eval()
        for side in (16, 33, 44, 64):
            assert net(torch.zeros(2, 1, side, side)).shape == (2, 7)

    def test_it_has_half_of_the_parameters_that_small_has(self) -> None:
        plain = create("small", [HEAD], widths=(32, 64, 128), depths=(1, 2, 2), stem=0, reduction=0)
        assert count_parameters(create("symmetric", [HEAD])) < 0.6 * count_parameters(plain)


def test_odd_widths_are_named() -> None:
    with pytest.raises(MienError, match=r"model\.options\.widths: 33 is odd"):
        create("symmetric", [HEAD], widths=[32, 33, 64])
