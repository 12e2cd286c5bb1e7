from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.explain.randomisation import randomisation


def test_likeness_is_of_the_positive_parts(corner, crops) -> None:
    explainer, columns = corner(honest=False), np.ones(5, np.int64)
    maps = explainer.maps(crops, columns, "cam")
    found = randomisation(explainer, crops, columns, np.where(maps > 0, maps, -7), method="cam")
    assert found.what == "all weights"
    np.testing.assert_allclose(found.rank_correlation, 1)
    np.testing.assert_allclose(found.ssim, 1)


def test_a_forgotten_map_is_unlike(corner, crops) -> None:
    explainer, columns = corner(), np.ones(5, np.int64)
    found = randomisation(explainer, crops, columns, explainer.maps(crops, columns, "cam"), method="cam")
    assert (np.abs(found.rank_correlation) < 0.35).all()
    assert (found.ssim < 0.5).all()


def test_what_cannot_forget_says_so(corner, crops) -> None:
    with pytest.raises(MienError, match="cannot forget"):
        randomisation(
            corner(forgets=False), crops, np.ones(5, np.int64), np.zeros((5, 12, 12), np.float32), method="cam"
        )


def test_likeness_is_the_mean_of_several_draws(corner, crops) -> None:
    """A model of which every second draw forgets nothing, and one of which some draws see nothing at all."""

    class Half(corner):
        def randomised(self, seed: int = 0):
            return (self, "half") if seed % 2 else super().randomised(seed)

    class Blind(corner):
        def randomised(self, seed: int = 0):
            other, what = super().randomised(seed)
            if seed % 2:
                other.maps = lambda *_: np.zeros((5, 12, 12), np.float32)
            return other, what

    columns = np.ones(5, np.int64)
    maps = corner().maps(crops, columns, "cam")
    honest, half, blind = (
        randomisation(one, crops, columns, maps, method="cam") for one in (corner(), Half(), Blind())
    )
    assert (half.rank_correlation > honest.rank_correlation + 0.2).all()
    assert (half.rank_correlation < 0.7).all()
    assert np.isfinite(blind.rank_correlation).all()
