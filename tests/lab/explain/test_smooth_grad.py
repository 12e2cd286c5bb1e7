from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")


def test_it_is_the_same_each_time_and_leaves_torchs_numbers_alone(mouths) -> None:
    crops, columns = mouths.crops[:2], np.array([1, 0])
    before = torch.random.get_rng_state()
    maps = mouths.explainer.maps(crops, columns, "smooth-grad")
    assert torch.equal(torch.random.get_rng_state(), before)
    np.testing.assert_array_equal(maps, mouths.explainer.maps(crops, columns, "smooth-grad"))
    assert maps.shape == (2, 48, 48)
    assert (maps >= 0).all()


def test_it_averages_before_it_takes_the_absolute(mouths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without noise the mean of copies is saliency itself."""
    from mien.lab.explain import smooth_grad

    monkeypatch.setattr(smooth_grad, "NOISE", 0.0)
    columns = np.array([1, 0])
    plain, smooth = (mouths.explainer.maps(mouths.crops[:2], columns, way) for way in ("saliency", "smooth-grad"))
    np.testing.assert_allclose(smooth, plain, rtol=1e-3, atol=1e-5)
