from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.lab.explain.mapped_net import MappedNet  # noqa: E402
from mien.runtime.heat_map import grad_cam_plus_plus  # noqa: E402


def test_the_maps_are_the_equations_on_a_layers_gradients(mouths) -> None:
    crops, columns = mouths.crops[:3], np.array([0, 1, 2])
    found = MappedNet(mouths.explainer.net, "blocks.0").map_and_gradients(
        mouths.explainer.inputs(crops), torch.from_numpy(columns)
    )
    maps = mouths.explainer.maps(crops, columns, "grad-cam++", "blocks.0")
    np.testing.assert_allclose(maps, grad_cam_plus_plus(*(t.numpy() for t in found)), rtol=1e-5)
    assert maps.shape == (3, 24, 24)
    assert (maps >= 0).all()
    assert maps.any(axis=(1, 2)).all()
