from __future__ import annotations

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.layers.squeeze_excitation import SqueezeExcitation  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402


class TestSmall(ModelContract):
    name = "small"
    parameters = 2_837_975
    options = {"widths": [16, 24, 32], "depths": [1, 2, 1], "stem": 8}  # noqa: RUF012

    def test_any_input_size(self) -> None:
        net = create("small", [HEAD], **self.options).eval()
        for side in (16, 33, 64):
            assert net(torch.zeros(2, 1, side, side)).shape == (2, 7)

    def test_at_most_five_million(self) -> None:
        assert self.parameters <= 5_000_000


class TestSmallOfMeansAndMaxima(ModelContract):
    name = "small"
    parameters = TestSmall.parameters
    options = TestSmall.options | {"pool": "concat"}

    def test_the_head_alone_is_wider(self) -> None:
        plain = create("small", [HEAD], **TestSmall.options)
        assert count_parameters(self.net()) - count_parameters(plain) == 32 * 7
        assert self.net().pool(torch.zeros(2, 32, 3, 3)).shape == (2, 64)


class TestSmallOfMaxima(ModelContract):
    name = "small"
    parameters = TestSmall.parameters
    options = TestSmall.options | {"pool": "max"}

    def test_nothing_is_wider(self) -> None:
        plain = create("small", [HEAD], **TestSmall.options)
        assert count_parameters(self.net()) == count_parameters(plain)


def test_unknown_pooling_is_named() -> None:
    with pytest.raises(MienError, match=r"model\.options\.pool = 'sum', expected avg, max or concat"):
        create("small", [HEAD], pool="sum")


class TestSmallWithoutGates(ModelContract):
    name = "small"
    parameters = TestSmall.parameters
    options = TestSmall.options | {"reduction": 0, "stem": 0}

    def test_its_stem_halves_at_once_and_no_block_is_gated(self) -> None:
        net = self.net()
        assert net.stem(torch.zeros(2, 1, 48, 48)).shape == (2, 16, 24, 24)
        assert not any(isinstance(module, SqueezeExcitation) for module in net.modules())
        assert len(net.stages()) == len(create("small", [HEAD], **TestSmall.options).stages())

    def test_as_wide_as_nano(self) -> None:
        options = {"widths": [32, 80, 160], "depths": [1, 2, 2], "stem": 0, "reduction": 0}
        assert count_parameters(create("small", [HEAD], **options)) == 1_040_551
