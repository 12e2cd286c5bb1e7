from __future__ import annotations

import pytest
from tests.contracts.model import HEAD, ModelContract

torch = pytest.importorskip("torch")

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
