from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mien.datasets.synthetic import nuisance
from mien.datasets.synthetic.canvas import Canvas
from mien.datasets.synthetic.pose import poses

ROWS = np.arange(200, dtype=np.int64)
Spoil = Callable[[Canvas, int, np.ndarray, float], None]


def spoilt(spoil: Spoil, difficulty: float) -> np.ndarray:
    """How far each of 200 pictures of stripes moved, on average over its pixels."""
    canvas = Canvas(200, 48, poses(0, ROWS, 0.0), 1)
    canvas.planes[0][...] = 0.3 + 0.3 * (np.arange(48) // 4 % 2)
    before = canvas.planes[0].copy()
    spoil(canvas, 0, ROWS, difficulty)
    return np.abs(canvas.planes[0] - before).mean(axis=(1, 2))


@pytest.mark.parametrize("spoil", [nuisance.occlude, nuisance.light, nuisance.blur, nuisance.noise])
def test_it_grows_with_difficulty(spoil: Spoil) -> None:
    none, some, most = (spoilt(spoil, d).mean() for d in (0.0, 0.5, 1.0))
    assert none < 0.03
    assert none < some < most


def test_occlusion_hits_a_share_of_the_faces_and_none_at_0() -> None:
    assert not spoilt(nuisance.occlude, 0.0).any()
    assert 0.25 < (spoilt(nuisance.occlude, 1.0) > 0).mean() < 0.45


def test_noise_has_no_lean() -> None:
    canvas = Canvas(200, 48, poses(0, ROWS, 0.0), 1)
    nuisance.noise(canvas, 0, ROWS, 1.0)
    assert abs(canvas.planes[0].mean()) < 1e-4
    assert 0.015 < canvas.planes[0].std() < 0.03
    rows = canvas.planes[0].reshape(200, -1)
    assert abs(np.corrcoef(rows[0], rows[1])[0, 1]) < 0.08


def test_an_odd_number_of_pixels() -> None:
    canvas = Canvas(200, 17, poses(0, ROWS, 0.0), 1)
    nuisance.noise(canvas, 0, ROWS, 1.0)
    assert nuisance.quantise(canvas).shape == (200, 17, 17)


def test_quantise_rounds_and_clips() -> None:
    canvas = Canvas(1, 16, poses(0, ROWS[:1], 0.0), 1)
    canvas.planes[0][0, 0, :4] = (-1, 0.5, 1, 2)
    assert nuisance.quantise(canvas)[0, 0, :4].tolist() == [0, 128, 255, 255]
