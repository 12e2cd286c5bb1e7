from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.explain.mapped_net import MappedNet  # noqa: E402


def test_it_answers_as_the_network_does(mouths) -> None:
    x = mouths.explainer.inputs(mouths.crops[:4])
    with torch.no_grad():
        torch.testing.assert_close(MappedNet(mouths.explainer.net)(x), mouths.explainer.net(x))


def test_gradients_are_the_differences_of_a_nudged_map(mouths) -> None:
    net = mouths.explainer.net
    x, columns = mouths.explainer.inputs(mouths.crops[:1]), torch.tensor([2])
    feature_map, gradients = MappedNet(net).map_and_gradients(x, columns)
    nudged = feature_map.double().clone()
    nudged[0, 3, 5, 6] += 1e-3
    double = net.double()
    try:
        with torch.no_grad():
            change = double.classify(double.pool(nudged)) - double.classify(double.pool(feature_map.double()))
    finally:
        net.float()
    assert float(change[0, 2]) / 1e-3 == pytest.approx(float(gradients[0, 3, 5, 6]), rel=1e-3)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("block.0", "no such part of the network; did you mean blocks"),
        ("zzz", "its parts are stem, blocks, dropout, head"),
        ("head", "gives no map of rows and columns"),
    ],
)
def test_a_layer_that_will_not_do_is_told(mouths, layer: str, words: str) -> None:
    with pytest.raises(MienError, match=words):
        mouths.explainer.maps(mouths.crops[:1], np.array([0]), "grad-cam", layer)
