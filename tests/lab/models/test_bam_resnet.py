from __future__ import annotations

from pathlib import Path

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.bam import BAM  # noqa: E402
from mien.lab.models.bam_resnet import bam_resnet50  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402


class TestBAMResNet50(ModelContract):
    name = "bam_resnet50"
    parameters = 23_880_442
    options = {"layers": [1, 1, 1, 1], "stem": 8}  # noqa: RUF012
    size = 64
    channels = 3

    @pytest.mark.slow
    def test_onnx_parity(self, tmp_path: Path) -> None:
        super().test_onnx_parity(tmp_path)

    def test_parameter_count(self) -> None:
        """With seven classes, and with ImageNet's thousand: the paper's 25.92 million."""
        with torch.device("meta"):
            assert count_parameters(create(self.name, [HEAD], channels=3)) == self.parameters
            assert count_parameters(bam_resnet50(1000, 3, 224, 224)) == 25_915_099

    def test_three_stand_between_the_stages(self) -> None:
        net = create(self.name, [HEAD], channels=3, **self.options).eval()
        seen: list[str] = []
        for name, module in net.named_children():
            module.register_forward_hook(lambda _, __, ___, name=name: seen.append(name))
        with torch.no_grad():
            net(self.x())
        order = ["layer1", "bam2", "layer2", "bam3", "layer3", "bam4", "layer4"]
        assert seen == ["conv1", "bn1", *order, "fc"]
        assert all(isinstance(net.get_submodule(f"bam{stage}"), BAM) for stage in (2, 3, 4))

    def test_the_paper_s_sum_is_an_option(self) -> None:
        assert create(self.name, [HEAD], channels=3, **self.options, join="sum").bam3.join == "sum"
        with pytest.raises(MienError, match=r"model\.options\.join = 'mean'"):
            create(self.name, [HEAD], channels=3, **self.options, join="mean")
