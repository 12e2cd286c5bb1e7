"""Every registered face net at its own size passes the contract. Slow: `pytest -m slow tests/contracts/test_zoo.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contracts.model import ModelContract

torch = pytest.importorskip("torch")

from mien.lab.gan.generator import BUILDERS as GENERATORS  # noqa: E402
from mien.lab.models.face_net import FaceNet  # noqa: E402
from mien.runtime.architectures import architectures  # noqa: E402

NETS = [facts for name, facts in architectures().items() if name not in GENERATORS]


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestZoo(ModelContract):
    """One net in memory at a time."""

    rounding = 1e-3  # an untrained ResNet-152 in float32 is 6e-4 away from itself in float64

    @pytest.fixture(autouse=True, params=NETS, ids=lambda facts: facts.name)
    def _architecture(self, request: pytest.FixtureRequest) -> None:
        facts = request.param
        self.name, self.parameters, self.heads = facts.name, facts.parameters, facts.heads  # type: ignore[misc]
        self.channels, self.size, _ = facts.input  # type: ignore[misc]

    def net(self) -> FaceNet:
        """With the norms' statistics of random pictures: untrained, deep nets blow up or die away without."""
        net = super().net()
        norms = [module for module in net.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
        for norm in norms:
            norm.momentum = 1.0
        with torch.no_grad():
            net.train()(self.x(2))
        for norm in norms:
            norm.momentum = 0.1
        return net

    def x(self, n: int = 3) -> torch.Tensor:
        return super().x(min(n, 3))  # memory

    def test_bf16_is_close(self) -> None:
        """By the embedding as a whole: an untrained net's rounding grows with depth, to a fifth in ResNet-152."""
        net = self.net().eval()
        with torch.no_grad():
            plain = net.pool(net.features(self.x()))
            with torch.autocast("cpu", torch.bfloat16):
                rounded = net.pool(net.features(self.x())).float()
                assert net(self.x()).isfinite().all()
        assert (plain - rounded).norm() < 0.3 * plain.norm()

    def test_onnx_parity(self, tmp_path: Path) -> None:
        """To the outputs' own scale, which untrained nets do not keep near one."""
        net = self.net().eval()
        with torch.no_grad():
            feature_map = net.features(self.x())
            embedding = net.pool(feature_map)
            outputs = (feature_map, embedding, net.classify(embedding))
        self.parity = 1e-3 * max(float(output.abs().max()) for output in outputs)  # type: ignore[misc]
        super().test_onnx_parity(tmp_path)
