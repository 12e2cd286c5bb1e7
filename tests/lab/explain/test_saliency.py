from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")


def test_it_is_the_absolute_gradient_by_the_pixels(mouths) -> None:
    crops, columns = mouths.crops[:3], np.array([1, 0, 3])
    x = mouths.explainer.inputs(crops).requires_grad_()
    said = mouths.explainer.net(x)[torch.arange(3), torch.from_numpy(columns)].sum()
    (gradients,) = torch.autograd.grad(said, x)
    maps = mouths.explainer.maps(crops, columns, "saliency")
    np.testing.assert_allclose(maps, gradients.abs().amax(1).numpy(), rtol=1e-5)
