from __future__ import annotations

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.losses import soft_cross_entropy  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.model_spec import Head  # noqa: E402


class TestOShea(ModelContract):
    name = "oshea"
    parameters = 184_110

    def test_shapes_of_the_report(self) -> None:
        net = self.net().eval()
        x = self.x()
        one = net.block1(x)
        two = net.block2(one)
        assert (tuple(one.shape[1:]), tuple(two.shape[1:])) == ((44, 22, 22), (40, 9, 9))
        assert net.features(x).flatten(1).shape[1] == 1764
        assert net.pool(net.features(x)).shape[1] == 70

    def test_tanh_bounds_outputs_and_loss(self) -> None:
        net = self.net().eval()
        out = net(self.x() * 100)
        assert out.abs().max() <= 1
        perfect = -torch.ones(1, 7)
        perfect[0, 2] = 1
        target = torch.nn.functional.one_hot(torch.tensor([2]), 7).float()
        assert float(soft_cross_entropy(perfect, target, torch.ones(1))) == pytest.approx(0.5944, abs=1e-4)

    def test_residual_takes_what_goes_into_the_norm(self) -> None:
        net = self.net().eval()
        pooled = net.block2(net.block1(self.x()))
        expected = net.block3(net.norm2(pooled) + net.residual(pooled))
        torch.testing.assert_close(net.features(self.x()), expected)

    def test_fewer_emotions_shrink_the_output(self) -> None:
        head = Head("emotion", "emotion", SEVEN[:5], "fer2013")
        assert create("oshea", [head])(self.x()).shape == (3, 5)


@pytest.mark.parametrize(("option", "value"), [("output", "none"), ("activation", "relu"), ("pooling", "avg")])
def test_settings_of_the_tuning(option: str, value: str) -> None:
    assert create("oshea", [HEAD], **{option: value})(torch.zeros(2, 1, 48, 48)).shape == (2, 7)


def test_unknown_setting_is_named() -> None:
    with pytest.raises(MienError, match=r"model\.options\.output = 'gelu'"):
        create("oshea", [HEAD], output="gelu")
