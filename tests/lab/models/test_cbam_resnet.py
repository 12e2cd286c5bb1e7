from __future__ import annotations

from pathlib import Path

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

from mien.lab.layers.cbam import CBAM  # noqa: E402
from mien.lab.layers.residual_blocks import Bottleneck  # noqa: E402
from mien.lab.models.cbam_resnet import cbam_resnet50  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402


class TestCBAMResNet50(ModelContract):
    name = "cbam_resnet50"
    parameters = 26_054_967
    options = {"layers": [1, 1, 1, 1], "stem": 8}  # noqa: RUF012
    size = 64
    channels = 3

    @pytest.mark.slow
    def test_onnx_parity(self, tmp_path: Path) -> None:
        super().test_onnx_parity(tmp_path)

    def test_parameter_count(self) -> None:
        """With seven classes, and with ImageNet's thousand: the paper's 28.09 million."""
        with torch.device("meta"):
            assert count_parameters(create(self.name, [HEAD], channels=3)) == self.parameters
            assert count_parameters(cbam_resnet50(1000, 3, 224, 224)) == 28_089_624

    def test_every_block_has_its_attention(self) -> None:
        with torch.device("meta"):
            net = cbam_resnet50(7, 3, 224, 224)
        blocks = [module for module in net.modules() if isinstance(module, Bottleneck)]
        assert len(blocks) == 16
        assert all(isinstance(block.attention, CBAM) for block in blocks)

    def test_settings_of_the_attention(self) -> None:
        net = create(self.name, [HEAD], channels=3, **self.options, reduction=4, momentum=0.01)
        gates = [module for module in net.modules() if isinstance(module, CBAM)]
        assert [gate.ChannelGate.mlp[1].out_features for gate in gates] == [8, 16, 32, 64]
        assert {gate.SpatialGate.spatial.bn.momentum for gate in gates} == {0.01}
