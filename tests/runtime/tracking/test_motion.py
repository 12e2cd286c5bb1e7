from __future__ import annotations

import numpy as np
import pytest

from mien.runtime.tracking.motion import FADING, Motion


def box(x: float, y: float = 50, size: float = 40) -> np.ndarray:
    return np.array([x - size / 2, y - size / 2, x + size / 2, y + size / 2], np.float32)


def test_constant_velocity_is_learnt_and_predicted() -> None:
    motion = Motion.of(box(100), 0.0)
    for step in range(1, 20):
        motion.update(box(100 + 6 * step), step / 25)
    assert motion.vx == pytest.approx(150, rel=0.02)
    assert motion.vy == pytest.approx(0, abs=0.1)
    assert motion.centre(20 / 25)[0] == pytest.approx(220, abs=1)


def test_velocity_fades_while_nobody_is_seen() -> None:
    motion = Motion.of(box(0), 0.0)
    motion.update(box(10), 0.1)
    at = motion.x
    assert motion.centre(100)[0] == pytest.approx(at + 100 * FADING)


def test_a_jittering_box_is_smoothed() -> None:
    motion, random = Motion.of(box(100), 0.0), np.random.default_rng(0)
    sizes = []
    for step in range(1, 60):
        motion.update(box(100, size=40 + random.normal(0, 4)), step / 25)
        sizes.append(motion.height)
    assert np.std(sizes[10:]) < 2.5


def test_times_that_stand_still_do_no_harm() -> None:
    motion = Motion.of(box(0), 1.0)
    motion.update(box(1), 1.0)
    motion.update(box(1), 0.5)
    assert all(np.isfinite(value) for value in motion.as_dict().values())
