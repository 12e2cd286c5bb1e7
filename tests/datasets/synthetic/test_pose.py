from __future__ import annotations

import numpy as np

from mien.datasets.synthetic.pose import LARGEST_SCALE, poses

ROWS = np.arange(2000, dtype=np.int64)


def test_face_to_canvas_and_back() -> None:
    pose = poses(0, ROWS, 1.0)
    u, v = np.full((2000, 1, 1), 0.3, np.float32), np.full((2000, 1, 1), -0.7, np.float32)
    back_u, back_v = pose.to_face(*pose.to_canvas(u, v))
    np.testing.assert_allclose(back_u, u, atol=1e-5)
    np.testing.assert_allclose(back_v, v, atol=1e-5)


def test_poses_spread_with_difficulty_and_stay_in_bounds() -> None:
    easy, hard = poses(0, ROWS, 0.0), poses(0, ROWS, 1.0)
    for name in ("x", "y", "scale", "sin", "yaw", "pitch"):
        assert getattr(hard, name).std() > 1.5 * getattr(easy, name).std(), name
        assert getattr(hard, name).dtype == np.float32, name
    assert hard.scale.max() <= LARGEST_SCALE
    np.testing.assert_allclose(hard.sin**2 + hard.cos**2, 1, atol=1e-5)
