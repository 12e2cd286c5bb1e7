from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.runtime.occlusion import occlusion


def test_captums_squares_are_those_without_torch(mouths) -> None:
    """But for the grey, which without torch is a whole level of 255."""
    crops, columns = mouths.crops[:4], np.array([0, 1, 2, 3])
    mine = occlusion(mouths.explainer.logits, crops, columns)
    captums = mouths.explainer.maps(crops, columns, "occlusion")
    assert captums.shape == (4, 48, 48)
    np.testing.assert_allclose(captums, mine, atol=0.03 * np.abs(mine).max())
